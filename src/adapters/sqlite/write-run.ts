// Writes the runs a plan or a trigger owes: waiting, leased at once, or born final. A due instant that has its run
// already is passed over; gathered with others, all of them are refused, and the plan is begun anew row by row.

import type { JobSpec } from '../../domain/job.ts'
import type { PlannedRun, PlannedState } from '../../domain/planned.ts'
import {
  type ActiveRun,
  type FinalRun,
  type PendingRun,
  QUOTA_KEY,
  type Run,
  waitsFor,
} from '../../domain/run.ts'
import { slotShare } from '../../domain/target.ts'
import type { Chance } from '../../ports/chance.ts'
import type { Work } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'
import type { Finisher } from './finish.ts'
import { InTens } from './in-tens.ts'
import type { Pools } from './pools.ts'
import type { ProjectRoom } from './project-room.ts'

/** The job as far as its runs carry it. */
export type Owner = {
  readonly no: number
  readonly id: string
  readonly projectNo: number
  readonly projectId: string
  readonly version: number
  readonly spec: JobSpec
}

/**
 * The node that new runs may be leased to; null: to none. `soon`: written by the next `flush` at the latest; that the ledger has
 * an entry for one of them already comes out as RowsRefused.
 */
export type Leaser = {
  readonly nodeNo: number
  readonly nodeId: string
  slots: number
  readonly soon: boolean
}

export type Written = { readonly run: Run; readonly work: Work | null }

type Base = Omit<PendingRun, 'status' | 'readyAt' | 'notBefore' | 'startBy'>
type Waiting = PlannedState & { status: 'pending' }
type BornFinal = Exclude<PlannedState, { status: 'pending' }>

const ONCE_PER_INSTANT = 'ON CONFLICT (job_no, due_at, off_schedule) DO NOTHING'

export class RunWriter {
  readonly #chance: Chance
  readonly #finisher: Finisher
  readonly #pools: Pools
  readonly #room: ProjectRoom
  readonly #maxNo: Query<readonly [number]>
  readonly #pending: Command
  readonly #leased: Command
  readonly #leasedSoon: InTens
  readonly #final: Command

  constructor(db: Database, chance: Chance, finisher: Finisher, pools: Pools, room: ProjectRoom) {
    this.#chance = chance
    this.#finisher = finisher
    this.#pools = pools
    this.#room = room
    this.#maxNo = db.tuples('SELECT ifnull(max(no), 0) FROM runs')
    const columns = `no, id, job_no, project_no, job_name, version, trigger, due_at, off_schedule, late, created_at,
      params, has_callback`
    const common = '?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13'
    this.#pending = db.command(
      `INSERT INTO runs (${columns}, status, fence, attempts, cause, ready_at, not_before, start_by, pool_no,
         concurrency_key, waits)
       VALUES (${common}, 'pending', 0, 0, 'first', ?14, ?15, ?16, ?17, ?18, ?19) ${ONCE_PER_INSTANT}`,
    )
    const leased = (rows: string): string =>
      `INSERT INTO runs (${columns}, ready_at, not_before, node_no, leased_at, started_at, status, fence, attempts, cause)
       VALUES ${rows} ${ONCE_PER_INSTANT}`
    const row = `(${Array(18).fill('?').join(', ')}, 'running', 1, 1, 'first')`
    this.#leased = db.command(leased(row))
    this.#leasedSoon = new InTens(db, { row, own: [1, 2, 4], one: leased(row), many: leased })
    this.#final = db.command(
      `INSERT INTO runs (${columns}, status, fence, attempts, cause, reason, finished_at)
       VALUES (${common}, ?14, 0, 0, 'first', ?15, ?11) ${ONCE_PER_INSTANT}`,
    )
  }

  /** null: the ledger has an entry for this due instant already. */
  write(owner: Owner, planned: PlannedRun, now: number, leaser: Leaser | null): Written | null {
    const no = planned.trigger === 'schedule' ? null : this.#maxNo.get()![0] + 1
    const params = planned.params ?? null
    const base: Base = {
      id: planned.id ?? this.#chance.id('run'),
      projectId: owner.projectId,
      jobId: owner.id,
      jobName: owner.spec.name,
      jobVersion: owner.version,
      trigger: planned.trigger,
      dueAt: planned.dueAt,
      late: planned.late,
      attempts: 0,
      fence: 0,
      createdAt: now,
      startedAt: null,
      message: null,
      params,
    }
    const hasCallback = owner.spec.callback === null ? 0 : 1
    const common = [
      no,
      base.id,
      owner.no,
      owner.projectNo,
      base.jobName,
      base.jobVersion,
      base.trigger,
      base.dueAt,
      no ?? 0,
      base.late ? 1 : 0,
      now,
      params === null ? null : JSON.stringify(params),
      hasCallback,
    ] as const
    const { state } = planned
    if (state.status !== 'pending') return this.#writeFinal(owner, base, common, state, now)
    const poolNo = this.#pools.no(owner.projectNo, owner.spec)
    const key =
      owner.spec.policy.concurrency?.key ?? (this.#room.isLimited(owner.projectNo) ? QUOTA_KEY : null)
    if (poolNo === 0 && key === null && leaser !== null && leaser.slots > 0 && mayStart(state, now)) {
      return this.#writeLeased(owner, base, common, state, leaser)
    }
    this.flush()
    // Whether there is room is for the step to say that leases it.
    const waits = key !== null && state.readyAt !== null && state.readyAt <= now
    const { readyAt, notBefore, startBy } = state
    const values = [readyAt, notBefore, startBy, poolNo, key, waits ? 1 : 0] as const
    if (this.#pending.run(...common, ...values).changes === 0) return null
    return { run: { ...base, ...state, ...(waits ? waitsFor(key) : {}) }, work: null }
  }

  /** Before anybody looks at runs, so that they are numbered in the order in which they came. */
  flush(): void {
    this.#leasedSoon.flush()
  }

  #writeLeased(owner: Owner, base: Base, common: Common, state: Waiting, leaser: Leaser): Written | null {
    const now = base.createdAt
    const row = [...common, state.readyAt, state.notBefore, leaser.nodeNo, now, now]
    if (leaser.soon) this.#leasedSoon.add(row)
    else if (this.#leased.run(...row).changes === 0) return null
    leaser.slots -= slotShare(owner.spec.target)
    const run: ActiveRun = {
      ...base,
      attempts: 1,
      fence: 1,
      startedAt: now,
      status: 'running',
      lease: { nodeId: leaser.nodeId, fence: 1, leasedAt: now },
    }
    return { run, work: { run, spec: owner.spec, attempt: { number: 1, cause: 'first', startedAt: now } } }
  }

  #writeFinal(owner: Owner, base: Base, common: Common, state: BornFinal, now: number): Written | null {
    this.flush()
    const done = this.#final.run(...common, state.status, state.reason)
    if (done.changes === 0) return null
    this.#finisher.tell(ending(owner, Number(done.lastInsertRowid), common[12]), state.status, now)
    const run: FinalRun = { ...base, status: state.status, reason: state.reason, finishedAt: now }
    return { run, work: null }
  }
}

type Common = readonly [
  number | null,
  string,
  number,
  number,
  string,
  number,
  string,
  number,
  number,
  number,
  number,
  string | null,
  number,
]

function ending(owner: Owner, no: number, hasCallback: number) {
  return { no, jobNo: owner.no, version: owner.version, projectNo: owner.projectNo, hasCallback }
}

function mayStart(state: Waiting, now: number): boolean {
  return state.readyAt !== null && state.readyAt <= now && (state.startBy === null || state.startBy >= now)
}
