import type { Principal } from '../domain/api-key.ts'
import type { Job } from '../domain/job.ts'
import { plan } from '../domain/plan.ts'
import { type OnResume, resolvePolicy } from '../domain/policy.ts'
import { authorize } from './authorize.ts'
import { changeJob } from './change-job.ts'
import type { Context } from './context.ts'
import type { JobRef } from './find-job.ts'

/** What the pause covered is skipped, caught up with its last instant, or caught up whole. Not paused: no change. */
export async function resumeJob(
  ctx: Context,
  who: Principal,
  ref: JobRef,
  request: { readonly onResume?: OnResume },
): Promise<Job> {
  authorize(who, 'job.resume')
  const report = await changeJob(ctx, who, ref, {
    event: 'resumed',
    action: 'job.resume',
    decide: (due, now) => {
      const { job } = due
      if (job.status !== 'paused') return { plan: null, job }
      const owed = plan(due, now, request.onResume ?? resolvePolicy(job.spec.policy).onResume)
      const { plannedThrough, nextDueAt, runsPlanned, status } = owed
      return {
        plan: owed,
        job: { ...job, plannedThrough, nextDueAt, runsPlanned, status, pause: null, updatedAt: now },
      }
    },
  })
  return report.job!
}
