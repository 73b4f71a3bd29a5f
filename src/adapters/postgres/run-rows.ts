// Rows of runs and what they are: the one place where columns become a Run and where `undefined` cannot slip in.

import type { AttemptCause } from '../../domain/attempt.ts'
import {
  type ActiveRun,
  type FinalRun,
  type FinalStatus,
  type PendingRun,
  type Reason,
  type Run,
  type RunStatus,
  type Trigger,
  waitsFor,
} from '../../domain/run.ts'
import type { Work } from '../../ports/store.ts'
import type { PartRow } from './part-book.ts'
import type { SpecOf } from './specs.ts'

/** With RUNS_WITH_NAMES. */
export const RUN_COLUMNS = `r.no, r.id, r.job_no AS "jobNo", j.id AS "jobId", r.project_no AS "projectNo",
  p.id AS "projectId", r.job_name AS "jobName", r.version, r.trigger, r.due_at AS "dueAt", r.late, r.status, r.reason,
  r.fence, r.attempts, r.cause, r.ready_at AS "readyAt", r.not_before AS "notBefore", r.start_by AS "startBy",
  r.node_no AS "nodeNo", n.id AS "nodeId", r.leased_at AS "leasedAt", r.created_at AS "createdAt",
  r.started_at AS "startedAt", r.finished_at AS "finishedAt", r.message, r.params, r.has_callback AS "hasCallback", r.pool_no AS "poolNo",
  r.concurrency_key AS "concurrencyKey", r.waits`

const NAMES = `JOIN jobs j ON j.no = r.job_no JOIN projects p ON p.no = r.project_no
  LEFT JOIN nodes n ON n.no = r.node_no`

export const RUNS_WITH_NAMES = `FROM runs r ${NAMES}`

// A run named by its id and due instant is looked up by the id alone, and so its instant is compared as `due_at + 0`, which
// no index has. By the instant a burst would be walked through for each of its runs, and the planner takes either while
// the month is empty.

/** The rows that `chosen` (a query of whole rows of runs) gives, with names. Locks are taken in there. */
export function withNames(chosen: string): string {
  return `SELECT ${RUN_COLUMNS} FROM (${chosen}) r ${NAMES}`
}

export type RunRow = {
  readonly no: number
  readonly id: string
  readonly jobNo: number
  readonly jobId: string
  readonly projectNo: number
  readonly projectId: string
  readonly jobName: string
  readonly version: number
  readonly trigger: Trigger
  readonly dueAt: number
  readonly late: boolean
  readonly status: RunStatus
  readonly reason: Reason | null
  readonly fence: number
  readonly attempts: number
  readonly cause: AttemptCause
  readonly readyAt: number | null
  readonly notBefore: number | null
  readonly startBy: number | null
  readonly nodeNo: number | null
  readonly nodeId: string | null
  readonly leasedAt: number | null
  readonly createdAt: number
  readonly startedAt: number | null
  readonly finishedAt: number | null
  readonly message: string | null
  readonly params: string | null
  readonly hasCallback: boolean
  readonly poolNo: number
  readonly concurrencyKey: string | null
  readonly waits: boolean
}

type RunBase = Omit<PendingRun, 'status' | 'readyAt' | 'notBefore' | 'startBy'>

export function toRun(row: RunRow): Run {
  const { status } = row
  if (status === 'pending') {
    const { readyAt, notBefore, startBy } = row
    const waits = row.waits ? waitsFor(row.concurrencyKey) : {}
    return { ...toBase(row), status, readyAt, notBefore: notBefore!, startBy, ...waits }
  }
  if (status === 'running' || status === 'cancelling') return toActive(row, status)
  return { ...toBase(row), status, reason: row.reason, finishedAt: row.finishedAt! }
}

/** The row as it is about to end. */
export function toEnded(
  row: RunRow,
  status: FinalStatus,
  reason: Reason | null,
  message: string | null,
  at: number,
): FinalRun {
  return { ...toBase(row), status, reason, message, finishedAt: at }
}

export function toWork(row: RunRow, specOf: SpecOf): Work {
  return {
    run: toActive(row, row.status as ActiveRun['status']),
    spec: specOf(row),
    attempt: { number: row.attempts, cause: row.cause, startedAt: row.leasedAt! },
  }
}

/** A part under way: its run, as whoever holds the part sees it. */
export function toPartWork(row: RunRow, part: PartRow, specOf: SpecOf): Work {
  const { attempt: number, fence, cause, nodeNo, nodeId, leasedAt, total } = part
  const held = { ...row, attempts: number, fence, nodeNo, nodeId, leasedAt }
  return {
    run: toActive(held, row.status as ActiveRun['status']),
    spec: specOf(row),
    attempt: { number, cause, startedAt: leasedAt! },
    part: { index: part.part, total },
  }
}

function toActive(row: RunRow, status: ActiveRun['status']): ActiveRun {
  const lease = { nodeId: row.nodeId!, fence: row.fence, leasedAt: row.leasedAt! }
  return { ...toBase(row), status, lease }
}

function toBase(row: RunRow): RunBase {
  return {
    id: row.id,
    projectId: row.projectId,
    jobId: row.jobId,
    jobName: row.jobName,
    jobVersion: row.version,
    trigger: row.trigger,
    dueAt: row.dueAt,
    late: row.late,
    attempts: row.attempts,
    fence: row.fence,
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    message: row.message,
    params: row.params === null ? null : JSON.parse(row.params),
  }
}
