// Jobs and runs of ours in the words of Simple Scheduler.

import { parseDuration } from '../../../domain/duration.ts'
import type { Job } from '../../../domain/job.ts'
import { resolvePolicy } from '../../../domain/policy.ts'
import type { Run, RunStatus } from '../../../domain/run.ts'

const NO_TIME = '0001-01-01T00:00:00Z'
const NO_MANAGER = '0'.repeat(24)

export const SIMPLE_STATUSES = [
  'pending',
  'running',
  'cancelling',
  'cancelled',
  'failed',
  'completed',
] as const
export type SimpleStatus = (typeof SIMPLE_STATUSES)[number]

export type SimpleJob = {
  readonly name: string
  readonly enabled: boolean
  readonly nextRunAt: string
  readonly interval: number
  readonly runExecutionTimeout: number
  readonly runStartTimeout: number
  readonly maxQueueCount: number
  readonly allowConcurrentRuns: boolean
  readonly heartbeatTimeout: number
  readonly managerId: string
  readonly heartbeat: string
}

export function simpleJob({ spec, status, nextDueAt }: Job): SimpleJob {
  const { every, at, from } = spec.schedule
  const policy = resolvePolicy(spec.policy)
  const start = spec.target.message?.startTimeout
  return {
    name: spec.name,
    enabled: status !== 'paused',
    // While it is paused, or over, the moment it was made with.
    nextRunAt: status === 'active' && nextDueAt !== null ? iso(nextDueAt) : isoOf(at ?? from),
    interval: every === undefined ? 0 : (parseDuration(every) ?? 0),
    runExecutionTimeout: policy.timeoutMs ?? 0,
    runStartTimeout: start === undefined ? 0 : (parseDuration(start) ?? 0),
    maxQueueCount: policy.overlap.max,
    allowConcurrentRuns: policy.overlap.mode === 'allow',
    heartbeatTimeout: policy.heartbeatTimeoutMs ?? 0,
    managerId: NO_MANAGER,
    heartbeat: NO_TIME,
  }
}

export type SimpleRun = {
  readonly id: string
  readonly jobName: string
  readonly status: SimpleStatus
  readonly createdTime: string
  readonly startTime: string
  readonly endTime: string
  readonly heartbeat: string
}

/** `unbegun`: it was published, and no worker has begun with it. */
export function simpleRun(run: Run, unbegun: boolean): SimpleRun {
  return {
    id: run.id,
    jobName: run.jobName,
    status: unbegun ? 'pending' : STATUS[run.status],
    // There, too, it is the moment it was due.
    createdTime: iso(run.dueAt),
    startTime: unbegun || run.startedAt === null ? NO_TIME : iso(run.startedAt),
    endTime: 'finishedAt' in run ? iso(run.finishedAt) : NO_TIME,
    heartbeat: NO_TIME,
  }
}

const STATUS: Readonly<Record<RunStatus, SimpleStatus>> = {
  pending: 'pending',
  running: 'running',
  cancelling: 'cancelling',
  succeeded: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
  skipped: 'cancelled',
  missed: 'cancelled',
  unknown: 'failed',
}

/** Ours that may be shown as theirs. */
export function statusesOf(status: SimpleStatus): RunStatus[] {
  const own = (Object.keys(STATUS) as RunStatus[]).filter((one) => STATUS[one] === status)
  return status === 'pending' ? [...own, 'running'] : own
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function isoOf(text: string | undefined): string {
  return text === undefined ? NO_TIME : iso(Date.parse(text))
}
