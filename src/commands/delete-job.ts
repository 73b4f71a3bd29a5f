import type { Principal } from '../domain/api-key.ts'
import { plan } from '../domain/plan.ts'
import { authorize } from './authorize.ts'
import { changeJob, refuseOtherVersion } from './change-job.ts'
import type { Context } from './context.ts'
import type { JobRef } from './find-job.ts'

/** Its ledger stays until retention forgets it. Waiting runs end as missed; what is under way may finish. */
export async function deleteJob(
  ctx: Context,
  who: Principal,
  ref: JobRef,
  ifVersion: number | null,
): Promise<void> {
  authorize(who, 'job.delete')
  await changeJob(ctx, who, ref, {
    event: 'deleted',
    action: 'job.delete',
    decide: (due, now) => {
      refuseOtherVersion(due.job, ifVersion)
      return { plan: plan(due, now), job: null, endPending: { status: 'missed', reason: 'job_deleted' } }
    },
  })
}
