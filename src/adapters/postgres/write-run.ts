// Writes the runs that plans or triggers owe, all in one statement: waiting, leased at once, or born final. A due
// instant that has its run already is passed over.

import type { JobSpec } from '../../domain/job.ts'
import type { PlannedRun, PlannedState } from '../../domain/planned.ts'
import { type FinalRun, type PendingRun, QUOTA_KEY, type Run, waitsFor } from '../../domain/run.ts'
import { slotShare } from '../../domain/target.ts'
import type { Chance } from '../../ports/chance.ts'
import type { Work } from '../../ports/store.ts'
import type { Transaction } from './database.ts'
import type { Finisher } from './finish.ts'
import type { PoolOf, Pools } from './pools.ts'
import { columns, sql } from './sql.ts'

/** The job as far as its runs carry it. */
export type Owner = {
  readonly no: number
  readonly id: string
  readonly projectNo: number
  readonly projectId: string
  readonly version: number
  readonly spec: JobSpec
}

/** The node that new runs may be leased to; null: to none. */
export type Leaser = { readonly nodeNo: number; readonly nodeId: string; slots: number }

export type OwedRun = {
  readonly owner: Owner
  readonly planned: PlannedRun
  /** Only so many runs of its project may be under way. */
  readonly isLimited: boolean
}
export type Written = { readonly run: Run; readonly work: Work | null }

type Base = Omit<PendingRun, 'status' | 'readyAt' | 'notBefore' | 'startBy'>
type Waiting = PlannedState & { status: 'pending' }

const INSERT = sql<{ id: string }>(
  `INSERT INTO runs (no, id, job_no, project_no, job_name, version, trigger, due_at, off_schedule, late, params,
     has_callback, status, reason, ready_at, not_before, start_by, fence, attempts, cause, created_at, node_no,
     leased_at, started_at, finished_at, pool_no, concurrency_key, waits)
   SELECT no, id, job_no, project_no, job_name, version, trigger, due_at,
     CASE trigger WHEN 'schedule' THEN 0 ELSE no END, late, params, has_callback, status, reason, ready_at, not_before,
     start_by, (status = 'running')::integer, (status = 'running')::integer, 'first', $16::bigint,
     CASE status WHEN 'running' THEN $17::bigint END, CASE status WHEN 'running' THEN $16::bigint END,
     CASE status WHEN 'running' THEN $16::bigint END, CASE WHEN status IN ('skipped', 'missed') THEN $16::bigint END, pool_no,
     concurrency_key, waits
   FROM (SELECT nextval('runs_no') AS no, * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[],
       $5::integer[], $6::text[], $7::bigint[], $8::boolean[], $9::text[], $10::boolean[], $11::text[], $12::text[],
       $13::bigint[], $14::bigint[], $15::bigint[], $18::bigint[], $19::text[], $20::boolean[])
     AS u (id, job_no, project_no, job_name, version, trigger, due_at, late, params, has_callback, status, reason,
       ready_at, not_before, start_by, pool_no, concurrency_key, waits)) AS owed
   ON CONFLICT (job_no, due_at, off_schedule) DO NOTHING RETURNING id`,
)

export class RunWriter {
  readonly #chance: Chance
  readonly #finisher: Finisher
  readonly #pools: Pools

  constructor(chance: Chance, finisher: Finisher, pools: Pools) {
    this.#chance = chance
    this.#finisher = finisher
    this.#pools = pools
  }

  /** In order of the input; null: the ledger has an entry for this due instant already. */
  async write(tx: Transaction, owed: readonly OwedRun[], leaser: Leaser | null): Promise<(Written | null)[]> {
    if (owed.length === 0) return []
    const poolOf = await this.#pools.of(
      tx,
      owed.map(({ owner }) => owner),
    )
    const drafts = owed.map((one) => this.#draft(one, tx.now, leaser, poolOf))
    const rows = await tx.all(
      INSERT,
      ...columns(drafts.map(toRow), 15),
      tx.now,
      leaser?.nodeNo ?? null,
      drafts.map(({ poolNo }) => poolNo),
      drafts.map(({ key }) => key),
      drafts.map(({ run }) => 'waitsForKey' in run || 'waitsForQuota' in run),
    )
    const written = new Set(rows.map(({ id }) => id))
    const kept = drafts.filter(({ run }) => written.has(run.id))
    await this.#tellBornFinal(tx, kept)
    return drafts.map(({ run, work, owner }) => {
      if (written.has(run.id)) return { run, work }
      if (work !== null && leaser !== null) leaser.slots += slotShare(owner.spec.target)
      return null
    })
  }

  #draft({ owner, planned, isLimited }: OwedRun, now: number, leaser: Leaser | null, poolOf: PoolOf): Draft {
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
      params: planned.params ?? null,
    }
    const { state } = planned
    if (state.status !== 'pending') {
      const run: FinalRun = { ...base, status: state.status, reason: state.reason, finishedAt: now }
      return { owner, state, run, work: null, poolNo: 0, key: null }
    }
    const poolNo = poolOf(owner)
    const key = owner.spec.policy.concurrency?.key ?? (isLimited ? QUOTA_KEY : null)
    if (key !== null && state.readyAt !== null && state.readyAt <= now) {
      // Whether there is room is for the step to say that leases it.
      return { owner, state, run: { ...base, ...state, ...waitsFor(key) }, work: null, poolNo, key }
    }
    if (key !== null || poolNo !== 0 || leaser === null || leaser.slots <= 0 || !mayStart(state, now))
      return { owner, state, run: { ...base, ...state }, work: null, poolNo, key }
    leaser.slots -= slotShare(owner.spec.target)
    const work = leased(base, owner, leaser.nodeId, now)
    return { owner, state, run: work.run, work, poolNo, key }
  }

  async #tellBornFinal(tx: Transaction, drafts: readonly Draft[]): Promise<void> {
    const born = drafts.flatMap(({ run, owner }) => {
      if (run.status !== 'skipped' && run.status !== 'missed') return []
      const { id, dueAt, status } = run
      const { no: jobNo, projectNo, spec } = owner
      return [{ run: { id, dueAt, jobNo, projectNo }, status, spec }]
    })
    await this.#finisher.tell(tx, born)
  }
}

type Draft = Written & {
  readonly owner: Owner
  readonly state: PlannedState
  readonly poolNo: number
  readonly key: string | null
}

function leased(base: Base, owner: Owner, nodeId: string, now: number): Work {
  const lease = { nodeId, fence: 1, leasedAt: now }
  const run = { ...base, attempts: 1, fence: 1, startedAt: now, status: 'running', lease } as const
  return { run, spec: owner.spec, attempt: { number: 1, cause: 'first', startedAt: now } }
}

function toRow({ owner, state, run, work }: Draft) {
  const waiting = state.status === 'pending' ? state : null
  return [
    run.id,
    owner.no,
    owner.projectNo,
    run.jobName,
    run.jobVersion,
    run.trigger,
    run.dueAt,
    run.late,
    run.params === null ? null : JSON.stringify(run.params),
    owner.spec.callback !== null,
    run.status,
    state.status === 'pending' ? null : state.reason,
    waiting?.readyAt ?? null,
    waiting?.notBefore ?? null,
    // Once started it is in time.
    work === null ? (waiting?.startBy ?? null) : null,
  ] as const
}

function mayStart(state: Waiting, now: number): boolean {
  return state.readyAt !== null && state.readyAt <= now && (state.startBy === null || state.startBy >= now)
}
