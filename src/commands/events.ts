// News of jobs and runs, in one shape for every command and loop.

import type { Job } from '../domain/job.ts'
import type { Run } from '../domain/run.ts'
import type { CarillonEvent } from '../ports/events.ts'

export function jobEvent(type: string, job: Job, at: number): CarillonEvent {
  const { name } = job.spec
  const data = { name, version: job.version, status: job.status, nextDueAt: job.nextDueAt }
  return { type: `job.${type}`, at, projectId: job.projectId, jobId: job.id, runId: null, data }
}

/** `run.pending`, `run.running`, `run.succeeded` …: named after the status the run has now. */
export function runEvent(run: Run, at: number): CarillonEvent {
  const { status, trigger, dueAt, late, attempts, message, jobName } = run
  const reason = 'reason' in run ? run.reason : null
  const data = { jobName, status, reason, trigger, dueAt, late, attempts, message }
  return { type: `run.${status}`, at, projectId: run.projectId, jobId: run.jobId, runId: run.id, data }
}
