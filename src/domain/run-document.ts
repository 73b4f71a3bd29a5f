// A run as the outside sees it: in replies, in events of callbacks, everywhere the same. The wire schema in
// protocol/run.ts describes it; a test holds the two together.

import type { Reason, Run, RunStatus, Trigger } from './run.ts'

/** Instants are RFC 3339 in UTC with milliseconds; what is not there is null. */
export type RunDocument = {
  readonly id: string
  readonly job: string
  readonly jobId: string
  readonly projectId: string
  readonly jobVersion: number
  readonly trigger: Trigger
  readonly status: RunStatus
  readonly reason: Reason | null
  readonly dueAt: string
  readonly late: boolean
  readonly readyAt: string | null
  /** A concurrency key that has no room for it now. */
  readonly waitsForKey: string | null
  readonly attemptCount: number
  readonly fence: number
  readonly params: unknown
  readonly message: string | null
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
}

export function runDocument(run: Run): RunDocument {
  return {
    id: run.id,
    job: run.jobName,
    jobId: run.jobId,
    projectId: run.projectId,
    jobVersion: run.jobVersion,
    trigger: run.trigger,
    status: run.status,
    reason: 'reason' in run ? run.reason : null,
    dueAt: iso(run.dueAt),
    late: run.late,
    readyAt: 'readyAt' in run ? isoOrNull(run.readyAt) : null,
    waitsForKey: 'waitsForKey' in run ? (run.waitsForKey ?? null) : null,
    attemptCount: run.attempts,
    fence: run.fence,
    params: run.params ?? null,
    message: run.message,
    createdAt: iso(run.createdAt),
    startedAt: isoOrNull(run.startedAt),
    finishedAt: 'finishedAt' in run ? iso(run.finishedAt) : null,
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : iso(at)
}
