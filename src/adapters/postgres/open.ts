// The store of a cluster: PostgreSQL. Any number of nodes share it; each step is one transaction there, and its clock
// decides.

import type { Chance } from '../../ports/chance.ts'
import type { Clock } from '../../ports/clock.ts'
import type { RunStore, Store } from '../../ports/store.ts'
import { readAddress } from './address.ts'
import { agentStore } from './agent-store.ts'
import { Agents } from './agents.ts'
import { Audit } from './audit.ts'
import { bringUp } from './bring-up.ts'
import { JobChanger } from './change-job.ts'
import { Claimer } from './claim.ts'
import { PoolClaimer } from './claim-pools.ts'
import { Concurrency } from './concurrency.ts'
import { type Connection, STATEMENT_MS, timeoutsFor } from './connection.ts'
import { Database, type WhoseClock } from './database.ts'
import { EffectList } from './effect-list.ts'
import { Finisher } from './finish.ts'
import { Gaps } from './gaps.ts'
import { Handed } from './handed.ts'
import { Hints } from './hints.ts'
import { Housekeeping } from './housekeeping.ts'
import { JobList } from './job-list.ts'
import { JobReader } from './job-rows.ts'
import { JobWriter } from './job-writer.ts'
import { Jobs } from './jobs.ts'
import { Keys } from './keys.ts'
import { Logs } from './logs.ts'
import { Nodes } from './nodes.ts'
import { OnceMarks } from './once.ts'
import { Outbox } from './outbox.ts'
import { Partitions } from './partitions.ts'
import { Planner } from './plan.ts'
import { Pool } from './pool.ts'
import { Pools } from './pools.ts'
import { Primary } from './primary.ts'
import { Projects } from './projects.ts'
import { recentRuns } from './recent-runs.ts'
import { RunList } from './run-list.ts'
import { Runs } from './runs.ts'
import { Scripts } from './scripts.ts'
import { Secrets } from './secrets.ts'
import { SeenTimelines } from './seen-timelines.ts'
import { Sequences } from './sequences.ts'
import { Settler } from './settle.ts'
import { Specs } from './specs.ts'
import { gapTallyStep, tallyStep } from './tally.ts'
import { AttemptTidings } from './tidings.ts'
import { Visits } from './visits.ts'
import { PlanWriter } from './write-plan.ts'
import { RunWriter } from './write-run.ts'

export type PostgresStoreOptions = {
  /** postgres://user:password@host1,host2/database?sslmode=… */
  readonly url: string
  readonly chance: Chance
  /** Measures waits; what time it is, the database says. */
  readonly clock: Clock
  /** `caller` is for stories told with a clock in the hand. */
  readonly whoseClock?: WhoseClock
  /** In place of the one in the url. */
  readonly password?: string
  readonly connectionsMax?: number
  /** A file that keeps which history of the database was seen last. Without it a restart forgets it. */
  readonly timelines?: string
  /** Deadline of one statement. */
  readonly statementMs?: number
}

export type PostgresStore = Store & {
  /** Everything under way fails now, and what comes after it at once: whoever stops waits no longer for the database. */
  cutOff(): void
}

export const CONNECTIONS_MAX = 10
const CHECKOUT_MS = 5_000

/** Leases have connections of their own, and less patience. */
const LEASE_CONNECTIONS = 2
const LEASE_TIMEOUTS = { ...timeoutsFor(2_000), connectMs: 1_500 }
const LEASE_CHECKOUT_MS = 1_500

/** Throws when the database cannot be used, with what to do. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const written = readAddress(options.url)
  const address = options.password === undefined ? written : { ...written, password: options.password }
  const primary = new Primary(address, options.clock, new SeenTimelines(options.timelines))
  await bringUp(address, primary)
  const { store, prepare } = assemble(primary, options)
  try {
    await prepare()
    return store
  } catch (error) {
    await store[Symbol.asyncDispose]()
    throw error
  }
}

type Assembled = { readonly store: PostgresStore; readonly prepare: () => Promise<void> }

function assemble(primary: Primary, options: PostgresStoreOptions): Assembled {
  const { chance, clock, whoseClock = 'database', connectionsMax = CONNECTIONS_MAX } = options
  const timeouts = timeoutsFor(options.statementMs ?? STATEMENT_MS)
  const connect = (): Promise<Connection> => primary.connect(timeouts, 'carillon')
  const pool = new Pool({
    connect,
    max: connectionsMax,
    checkoutMs: CHECKOUT_MS,
    clock,
  })
  const leasePool = new Pool({
    connect: () => primary.connect(LEASE_TIMEOUTS, 'carillon lease'),
    max: LEASE_CONNECTIONS,
    checkoutMs: LEASE_CHECKOUT_MS,
    clock,
  })
  const hints = new Hints(connect, clock, chance.hex(8))
  const db = new Database(pool, whoseClock, clock)
  const partitions = new Partitions()
  const specs = new Specs()
  const jobReader = new JobReader(specs)
  const finisher = new Finisher(chance, specs)
  const concurrency = new Concurrency(specs)
  const pools = new Pools()
  const gaps = new Gaps(chance)
  const plans = new PlanWriter(new RunWriter(chance, finisher, pools), gaps, finisher)
  const marks = new OnceMarks(db)
  const leases = new Database(leasePool, whoseClock, clock)
  const nodes = new Nodes(leases, db)
  const writer = new JobWriter(specs)
  const changer = new JobChanger(db, jobReader, writer, plans, finisher, marks)
  primary.onNewHistory(() => {
    for (const each of [pool, leasePool]) each.distrustAll()
    for (const each of [specs, pools]) each.forget()
  })
  const prepare = (): Promise<void> => partitions.keepUp(db, clock.now())
  const store: PostgresStore = {
    jobs: new Jobs({ db, reader: jobReader, list: new JobList(jobReader), writer, changer, marks }),
    runs: runStore(db, {
      planner: new Planner(db, jobReader, nodes, plans, finisher),
      claimer: new Claimer(db, specs, nodes, finisher, concurrency),
      settler: new Settler(db, finisher),
      runs: new Runs(db, finisher, gaps),
      list: new RunList(),
    }),
    outbox: new Outbox(db, nodes, new EffectList()),
    nodes,
    projects: new Projects(db),
    keys: new Keys(db, marks),
    handed: new Handed(db, specs),
    visits: new Visits(db),
    agents: agentStore(
      new Agents(db),
      new PoolClaimer(db, specs, nodes, finisher, concurrency),
      new AttemptTidings(db),
    ),
    logs: new Logs(db),
    scripts: new Scripts(db),
    secrets: new Secrets(db),
    audit: new Audit(db),
    sequences: new Sequences(db),
    once: marks,
    housekeeping: new Housekeeping(db, leases, specs, partitions),
    hints,
    cutOff() {
      primary.cutOff()
      pool.cutOff()
      leasePool.cutOff()
    },
    async [Symbol.asyncDispose]() {
      primary.cutOff()
      await Promise.all([hints.close(), pool.close(), leasePool.close()])
    },
  }
  return { store, prepare }
}

type RunParts = {
  readonly planner: Planner
  readonly claimer: Claimer
  readonly settler: Settler
  readonly runs: Runs
  readonly list: RunList
}

function runStore(db: Database, { planner, claimer, settler, runs, list }: RunParts): RunStore {
  return {
    plan: (request, decide) => planner.plan(request, decide),
    nextDueAt: () => planner.nextDueAt(),
    claimReady: (request) => claimer.claimReady(request),
    nextReadyAt: () => claimer.nextReadyAt(),
    settle: (batch, now) => settler.settle(batch, now),
    expire: (now, limit) => claimer.expire(now, limit),
    lost: (now, limit) => claimer.lost(now, limit),
    held: (nodeId, limit) => claimer.held(nodeId, limit),
    get: (id) => runs.get(id),
    parts: (runId) => runs.parts(runId),
    giveUpParts: (now, awayMs, limit) => settler.giveUpParts(now, awayMs, limit),
    attempts: (runId) => runs.attempts(runId),
    list: (filter, page) => db.read((reader) => list.page(reader, filter, page)),
    recent: (jobIds, limit) => db.read((reader) => recentRuns(reader, jobIds, limit)),
    tally: (request) => db.read((reader) => tallyStep(reader, request)),
    tallyGaps: (request) => db.read((reader) => gapTallyStep(reader, request)),
    ledger: (jobId, from, to, limit) => runs.ledger(jobId, from, to, limit),
    entryAt: (jobId, dueAt) => runs.entryAt(jobId, dueAt),
    cancel: (id, now, message) => runs.cancel(id, now, message),
    cancelling: (nodeId) => runs.cancelling(nodeId),
    counts: () => runs.counts(),
  }
}
