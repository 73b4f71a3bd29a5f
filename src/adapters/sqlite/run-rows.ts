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
import type { Registry } from './registry.ts'
import type { Specs } from './specs.ts'

/** With `runs r JOIN jobs j ON j.no = r.job_no`. */
export const RUN_COLUMNS = `r.no, r.id, r.job_no AS jobNo, j.id AS jobId, r.project_no AS projectNo,
  r.job_name AS jobName, r.version, r.trigger, r.due_at AS dueAt, r.late, r.status, r.reason, r.fence, r.attempts,
  r.cause, r.ready_at AS readyAt, r.not_before AS notBefore, r.start_by AS startBy, r.node_no AS nodeNo,
  r.leased_at AS leasedAt, r.created_at AS createdAt, r.started_at AS startedAt, r.finished_at AS finishedAt,
  r.message, r.params, r.has_callback AS hasCallback, r.pool_no AS poolNo,
  r.concurrency_key AS concurrencyKey, r.waits`

export const RUNS_WITH_JOB = 'FROM runs r JOIN jobs j ON j.no = r.job_no'

export type RunRow = {
  readonly no: number
  readonly id: string
  readonly jobNo: number
  readonly jobId: string
  readonly projectNo: number
  readonly jobName: string
  readonly version: number
  readonly trigger: Trigger
  readonly dueAt: number
  readonly late: number
  readonly status: RunStatus
  readonly reason: Reason | null
  readonly fence: number
  readonly attempts: number
  readonly cause: AttemptCause
  readonly readyAt: number | null
  readonly notBefore: number | null
  readonly startBy: number | null
  readonly nodeNo: number | null
  readonly leasedAt: number | null
  readonly createdAt: number
  readonly startedAt: number | null
  readonly finishedAt: number | null
  readonly message: string | null
  readonly params: string | null
  readonly hasCallback: number
  readonly concurrencyKey: string | null
  readonly waits: number
  readonly poolNo: number
}

type RunBase = Omit<PendingRun, 'status' | 'readyAt' | 'notBefore' | 'startBy'>

export class RunReader {
  readonly projects: Registry
  readonly nodes: Registry
  readonly specs: Specs

  constructor(projects: Registry, nodes: Registry, specs: Specs) {
    this.projects = projects
    this.nodes = nodes
    this.specs = specs
  }

  run(row: RunRow): Run {
    const { status } = row
    if (status === 'pending') {
      return {
        ...this.base(row),
        status,
        readyAt: row.readyAt,
        notBefore: row.notBefore!,
        startBy: row.startBy,
        ...(row.waits === 1 ? waitsFor(row.concurrencyKey) : {}),
      }
    }
    if (status === 'running' || status === 'cancelling') return this.active(row, status)
    return { ...this.base(row), status, reason: row.reason, finishedAt: row.finishedAt! }
  }

  /** The row as it is about to end. */
  ended(
    row: RunRow,
    status: FinalStatus,
    reason: Reason | null,
    message: string | null,
    at: number,
  ): FinalRun {
    return { ...this.base(row), status, reason, message, finishedAt: at }
  }

  active(row: RunRow, status: 'running' | 'cancelling'): ActiveRun {
    const lease = { nodeId: this.nodes.id(row.nodeNo!), fence: row.fence, leasedAt: row.leasedAt! }
    return { ...this.base(row), status, lease }
  }

  work(row: RunRow): Work {
    return {
      run: this.active(row, row.status as ActiveRun['status']),
      spec: this.specs.of(row.jobNo, row.version),
      attempt: { number: row.attempts, cause: row.cause, startedAt: row.leasedAt! },
    }
  }

  /** A part under way: its run, as whoever holds the part sees it. */
  partWork(row: RunRow, part: PartRow): Work {
    const { attempt: number, fence, cause, nodeNo, leasedAt, total } = part
    const held = { ...row, attempts: number, fence, nodeNo, leasedAt }
    return {
      run: this.active(held, row.status as ActiveRun['status']),
      spec: this.specs.of(row.jobNo, row.version),
      attempt: { number, cause, startedAt: leasedAt! },
      part: { index: part.part, total },
    }
  }

  base(row: RunRow): RunBase {
    return {
      id: row.id,
      projectId: this.projects.id(row.projectNo),
      jobId: row.jobId,
      jobName: row.jobName,
      jobVersion: row.version,
      trigger: row.trigger,
      dueAt: row.dueAt,
      late: row.late === 1,
      attempts: row.attempts,
      fence: row.fence,
      createdAt: row.createdAt,
      startedAt: row.startedAt,
      message: row.message,
      params: row.params === null ? null : JSON.parse(row.params),
    }
  }
}
