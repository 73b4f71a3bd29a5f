// What the store's stories are told with: a fresh store, a clock in the hand, jobs and plans in one line each.

import assert from 'node:assert/strict'
import type { AttemptCause } from '../../src/domain/attempt.ts'
import type { Job, JobSpec } from '../../src/domain/job.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { Plan, PlannedGap, PlannedRun, PlannedState } from '../../src/domain/planned.ts'
import { DEFAULT_PROJECT_ID, type Project } from '../../src/domain/project.ts'
import type { Run } from '../../src/domain/run.ts'
import type { Chance } from '../../src/ports/chance.ts'
import type {
  DueJob,
  NodeStart,
  PlanReport,
  SettledAttempt,
  SettleReport,
  Store,
  Work,
} from '../../src/ports/store.ts'

/** How a kind of store is opened: empty, and for races twice on the same data (where it can be). */
export type StoreKind = {
  readonly open: (chance: Chance) => Promise<Store>
  readonly openTwo?: (chance: Chance) => Promise<readonly [Store, Store]>
}

export const T0 = Date.UTC(2030, 0, 1)
export const SECOND = 1_000
export const MINUTE = 60_000
export const DAY = 86_400_000
export const NODE = 'nod_a'

type Pending = PlannedState & { status: 'pending' }

export function seededChance(seed = 1): Chance {
  let count = 0
  let state = seed
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const next = (): string => {
    count += 1
    return String(count).padStart(26, '0')
  }
  return { id: (prefix) => `${prefix}_${next()}`, random, hex: (bytes) => next().slice(0, bytes * 2) }
}

export class World implements AsyncDisposable {
  readonly store: Store
  readonly chance: Chance
  now = T0
  #names = 0

  private constructor(store: Store, chance: Chance) {
    this.store = store
    this.chance = chance
  }

  static async open(kind: StoreKind): Promise<World> {
    const chance = seededChance()
    return World.around(await kind.open(chance), chance)
  }

  static async around(store: Store, chance: Chance): Promise<World> {
    const world = new World(store, chance)
    await world.register(NODE)
    return world
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.store[Symbol.asyncDispose]()
  }

  register(
    id: string,
    leaseMs = 365 * DAY,
    more: Partial<NodeStart> = {},
  ): Promise<{ epoch: number; now: number }> {
    const node = { id, hostname: 'host', pid: 1, version: '1', ...more }
    return this.store.nodes.register(node, this.now, leaseMs)
  }

  /** A stored job that is due now, unless told otherwise. */
  async job(spec: Partial<JobSpec> = {}, state: Partial<Job> = {}): Promise<Job> {
    const job = this.draft(spec, state)
    assert.deepEqual(await this.store.jobs.add([job], 'key_1'), { kind: 'added' })
    return job
  }

  draft(spec: Partial<JobSpec> = {}, state: Partial<Job> = {}): Job {
    this.#names += 1
    return {
      id: this.chance.id('job'),
      projectId: DEFAULT_PROJECT_ID,
      version: 1,
      spec: {
        name: `job-${String(this.#names).padStart(3, '0')}`,
        description: null,
        labels: {},
        schedule: { every: '1m' },
        target: { http: { url: 'http://127.0.0.1/' } },
        policy: {},
        callback: null,
        ...spec,
      },
      status: 'active',
      pause: null,
      plannedThrough: this.now - 1,
      nextDueAt: this.now,
      runsPlanned: 0,
      createdAt: this.now,
      updatedAt: this.now,
      ...state,
    }
  }

  async project(name: string, keep: Project['keep'] = {}): Promise<Project> {
    const times = { createdAt: this.now, updatedAt: this.now }
    const project = {
      id: this.chance.id('prj'),
      name,
      description: null,
      keep,
      targets: {},
      quotas: {},
      version: 1,
      ...times,
    }
    assert.equal(await this.store.projects.add(project), true)
    return project
  }

  /** Lets every due job be planned by `decide`; leases nothing unless `slots` are given. */
  plan(decide: (due: DueJob) => Plan, slots = 0, nodeId = NODE): Promise<PlanReport> {
    return this.store.runs.plan({ now: this.now, limit: 1_000, nodeId, slots }, decide)
  }

  /** One scheduled run due now for each due job, leased at once. */
  async ring(slots = 1_000): Promise<readonly Work[]> {
    return (await this.plan(() => owes({ runs: [at(this.now)], nextDueAt: null }), slots)).leased
  }

  /** A new job with one run under way. */
  async running(spec: Partial<JobSpec> = {}, state: Partial<Job> = {}): Promise<Work> {
    await this.job(spec, state)
    const [work] = await this.ring()
    assert.ok(work)
    return work
  }

  /** A new job with one run that has ended. */
  async ended(spec: Partial<JobSpec> = {}, status: 'succeeded' | 'failed' = 'succeeded'): Promise<Run> {
    const { runs } = await this.settle(done(await this.running(spec), status))
    assert.ok(runs[0])
    return runs[0]
  }

  async claim(slots = 1_000, nodeId = NODE): Promise<Work[]> {
    return (await this.store.runs.claimReady({ now: this.now, nodeId, slots })).works
  }

  settle(...batch: SettledAttempt[]): Promise<SettleReport> {
    return this.store.runs.settle(
      batch.map((settled) => ({ ...settled, endedAt: this.now })),
      this.now,
    )
  }

  /** The run as the store has it now. */
  async run(id: string): Promise<Run> {
    const run = await this.store.runs.get(id)
    assert.ok(run, `run ${id} is not there`)
    return run
  }

  async allRuns(jobId: string): Promise<Run[]> {
    return (await this.store.runs.ledger(jobId, 0, Number.MAX_SAFE_INTEGER, 10_000)).runs
  }
}

export function owes(plan: Partial<Plan>): Plan {
  return {
    runs: [],
    gaps: [],
    replaceOpen: false,
    plannedThrough: T0,
    nextDueAt: T0 + 365 * DAY,
    runsPlanned: 1,
    status: 'active',
    ...plan,
  }
}

/** A scheduled run, due and ready then. */
export function at(dueAt: number, state: Partial<Pending> = {}, run: Partial<PlannedRun> = {}): PlannedRun {
  const waiting = { status: 'pending', readyAt: dueAt, notBefore: dueAt, startBy: null, ...state } as const
  return { trigger: 'schedule', dueAt, late: false, state: waiting, ...run }
}

/** A scheduled run that waits behind another. */
export function queued(dueAt: number, state: Partial<Pending> = {}): PlannedRun {
  return at(dueAt, { readyAt: null, ...state })
}

export function not(dueAt: number, status: 'skipped' | 'missed', reason: PlannedGap['reason']): PlannedRun {
  return { trigger: 'schedule', dueAt, late: false, state: { status, reason } }
}

export function gap(from: number, to: number, count: number, over: Partial<PlannedGap> = {}): PlannedGap {
  return { from, to, count, status: 'skipped', reason: 'paused', ...over }
}

export function done(
  work: Work,
  status: 'succeeded' | 'failed' | 'cancelled' | 'unknown' = 'succeeded',
  outcome: Outcome = { kind: 'ok' },
): SettledAttempt {
  return { run: work.run, outcome, settlement: { kind: 'done', status, message: status }, endedAt: T0 }
}

export function again(work: Work, readyAt: number, cause: AttemptCause = 'retry_policy'): SettledAttempt {
  const outcome = { kind: 'timeout', message: 'no answer in time', reached: 'maybe' } as const
  return {
    run: work.run,
    outcome,
    settlement: { kind: 'retry', readyAt, cause, message: 'later' },
    endedAt: T0,
  }
}

export async function rejectsWith(code: string, act: Promise<unknown>): Promise<void> {
  await assert.rejects(act, (error: Error & { code?: string }) => {
    assert.equal(error.code, code, error.stack)
    return true
  })
}
