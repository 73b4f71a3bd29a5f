// The store on one machine: a SQLite file, or memory for tests. Everything runs on the calling thread; a step is
// done when its call returns, its promise is the port's.

import type { Chance } from '../../ports/chance.ts'
import type { Hints, RunStore, Store } from '../../ports/store.ts'
import { SqliteAgentStore } from './agent-store.ts'
import { Agents } from './agents.ts'
import { Audit } from './audit.ts'
import { JobChanger } from './change-job.ts'
import { Claimer } from './claim.ts'
import { PartClaimer } from './claim-parts.ts'
import { PoolClaimer } from './claim-pools.ts'
import { Concurrency } from './concurrency.ts'
import { Database } from './database.ts'
import { EffectList } from './effect-list.ts'
import { Finisher } from './finish.ts'
import { Gaps } from './gaps.ts'
import { Handed } from './handed.ts'
import { Housekeeping } from './housekeeping.ts'
import { JobList } from './job-list.ts'
import { JobReader } from './job-rows.ts'
import { JobWriter } from './job-writer.ts'
import { Jobs } from './jobs.ts'
import { JoinTokens } from './join-tokens.ts'
import { Keys } from './keys.ts'
import { LateReports } from './late-reports.ts'
import { Logs } from './logs.ts'
import { migrate, readMigrations } from './migrate.ts'
import { Nodes } from './nodes.ts'
import { OnceMarks } from './once.ts'
import { openFile } from './open-file.ts'
import { Outbox } from './outbox.ts'
import { PartBook } from './part-book.ts'
import { Planner } from './plan.ts'
import { Pools } from './pools.ts'
import { ProjectQuotas } from './project-quotas.ts'
import { ProjectRoom } from './project-room.ts'
import { Projects } from './projects.ts'
import { RecentRuns } from './recent-runs.ts'
import { Registry } from './registry.ts'
import { RunList } from './run-list.ts'
import { RunReader } from './run-rows.ts'
import { RunTurns } from './run-turns.ts'
import { Runs } from './runs.ts'
import { Scripts } from './scripts.ts'
import { Secrets } from './secrets.ts'
import { Sequences } from './sequences.ts'
import { Settler } from './settle.ts'
import { Specs } from './specs.ts'
import { JobSweeper } from './sweep-job.ts'
import { Tally } from './tally.ts'
import { AttemptTidings } from './tidings.ts'
import { Visits } from './visits.ts'
import { PlanWriter } from './write-plan.ts'
import { RunWriter } from './write-run.ts'

export type SqliteStoreOptions = {
  /** A file, made when it is not there, or ':memory:'. */
  readonly path: string
  readonly chance: Chance
}

/** Throws when what is acknowledged could be lost, or when the file is not a whole database of this program. */
export function openSqliteStore({ path, chance }: SqliteStoreOptions): Store {
  const db = path === ':memory:' ? inMemory() : openFile(path, readMigrations())
  try {
    return assemble(db, chance)
  } catch (error) {
    db[Symbol.dispose]()
    throw error
  }
}

function inMemory(): Database {
  const db = new Database(':memory:')
  migrate(db, readMigrations())
  return db
}

function assemble(db: Database, chance: Chance): Store {
  const projects = new Registry(db, 'projects')
  const nodeNos = new Registry(db, 'nodes')
  const specs = new Specs(db)
  const runReader = new RunReader(projects, nodeNos, specs)
  const jobReader = new JobReader(projects, specs)
  const book = new PartBook(db)
  const parts = new PartClaimer(db, runReader, book)
  const finisher = new Finisher(db, chance, runReader, book)
  const quotas = new ProjectQuotas(db)
  const room = new ProjectRoom(db, quotas)
  const concurrency = new Concurrency(db, specs, room)
  const gaps = new Gaps(db, chance)
  const pools = new Pools(db, projects)
  const late = new LateReports(db)
  const runWriter = new RunWriter(db, chance, finisher, pools, room)
  const writer = new PlanWriter(db, runWriter, new RunTurns(db, quotas), gaps, finisher)
  const marks = new OnceMarks(db)
  const nodes = new Nodes(db, nodeNos)
  const keys = new Keys(db, marks)
  const jobWriter = new JobWriter(db, projects)
  const changer = new JobChanger(db, jobReader, jobWriter, writer, finisher, marks)
  const list = new JobList(db, projects, jobReader)
  return {
    jobs: new Jobs({ db, projects, reader: jobReader, list, writer: jobWriter, changer, marks }),
    runs: runStore(db, {
      planner: new Planner(db, jobReader, nodes, writer, finisher),
      claimer: new Claimer(db, { reader: runReader, nodes, finisher, concurrency, book }),
      settler: new Settler(db, runReader, finisher, late, book),
      runs: new Runs(db, { reader: runReader, finisher, gaps, late, book }),
      list: new RunList(db, runReader),
      recent: new RecentRuns(db, runReader),
      tally: new Tally(db, projects),
    }),
    outbox: new Outbox(db, runReader, nodes, new EffectList(db, projects)),
    nodes,
    projects: new Projects(db, projects),
    keys,
    agents: new SqliteAgentStore({
      db,
      agents: new Agents(db, book),
      tokens: new JoinTokens(db),
      keys,
      pools,
      claimer: new PoolClaimer(db, { reader: runReader, nodes, finisher, concurrency, parts, book }),
      late,
      parts,
      tidings: new AttemptTidings(db),
    }),
    handed: new Handed(db, runReader),
    visits: new Visits(db),
    once: marks,
    sequences: new Sequences(db),
    logs: new Logs(db),
    scripts: new Scripts(db, projects),
    secrets: new Secrets(db, projects),
    audit: new Audit(db),
    housekeeping: new Housekeeping(db, new JobSweeper(db, specs)),
    hints: NOBODY_ELSE,
    [Symbol.asyncDispose]: async () => db[Symbol.dispose](),
  }
}

/** One process, so there is nobody to tell and nobody to hear. */
const NOBODY_ELSE: Hints = { tell: () => {}, listen: () => () => {} }

type RunParts = {
  readonly planner: Planner
  readonly claimer: Claimer
  readonly settler: Settler
  readonly runs: Runs
  readonly list: RunList
  readonly recent: RecentRuns
  readonly tally: Tally
}

function runStore(
  db: Database,
  { planner, claimer, settler, runs, list, recent, tally }: RunParts,
): RunStore {
  return {
    plan: async (request, decide) => db.read(() => planner.plan(request, decide)),
    nextDueAt: async () => db.read(() => planner.nextDueAt()),
    claimReady: async (request) => db.read(() => claimer.claimReady(request)),
    nextReadyAt: async () => db.read(() => claimer.nextReadyAt()),
    settle: async (batch, now) => settler.settle(batch, now),
    expire: async (now, limit) => db.read(() => claimer.expire(now, limit)),
    held: async (nodeId, limit) => db.read(() => claimer.held(nodeId, limit)),
    lost: async (now, limit) => claimer.lost(now, limit),
    get: async (id) => db.read(() => runs.get(id)),
    parts: async (runId) => db.read(() => runs.parts(runId)),
    giveUpParts: async (now, awayMs, limit) => settler.giveUpParts(now, awayMs, limit),
    attempts: async (runId) => db.read(() => runs.attempts(runId)),
    list: async (filter, page) => db.read(() => list.page(filter, page)),
    recent: async (jobIds, limit) => db.read(() => recent.of(jobIds, limit)),
    tally: async (request) => db.read(() => tally.step(request)),
    tallyGaps: async (request) => db.read(() => tally.gapStep(request)),
    ledger: async (jobId, from, to, limit) => db.read(() => runs.ledger(jobId, from, to, limit)),
    entryAt: async (jobId, dueAt) => db.read(() => runs.entryAt(jobId, dueAt)),
    cancel: async (id, now, message) => runs.cancel(id, now, message),
    cancelling: async (nodeId) => db.read(() => runs.cancelling(nodeId)),
    counts: async () => db.read(() => runs.counts()),
  }
}
