// While a job is paused its missed instants are not written one by one: the entry is made when the pause ends.
// Until then this is the entry as it would be written now.

import { dueInstants } from './due-instants.ts'
import type { Gap } from './gap.ts'
import type { Job } from './job.ts'
import { scheduleOf } from './plan.ts'

export function pausedGap(job: Job, now: number): Gap | null {
  if (job.status !== 'paused') return null
  const due = dueInstants(scheduleOf(job), job.plannedThrough, now)
  const from = due.first()
  const to = due.last()
  if (from === null || to === null) return null
  return {
    id: `gap_${job.id.slice(4)}`,
    jobId: job.id,
    jobVersion: job.version,
    from,
    to,
    count: due.count(),
    status: 'skipped',
    reason: 'paused',
    createdAt: now,
  }
}
