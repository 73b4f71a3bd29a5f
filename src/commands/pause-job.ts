import type { Principal } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'
import type { Job } from '../domain/job.ts'
import { isPaused, plan } from '../domain/plan.ts'
import { authorize } from './authorize.ts'
import { changeJob } from './change-job.ts'
import type { Context } from './context.ts'
import type { JobRef } from './find-job.ts'

export type PauseRequest = { readonly until?: string; readonly note?: string }

/** From now on nothing new starts. Pausing a paused job replaces its note and its end. */
export async function pauseJob(
  ctx: Context,
  who: Principal,
  ref: JobRef,
  request: PauseRequest,
): Promise<Job> {
  authorize(who, 'job.pause')
  const until = request.until === undefined ? null : readUntil(request.until, ctx.clock.now())
  const report = await changeJob(ctx, who, ref, {
    event: 'paused',
    action: 'job.pause',
    decide: (due, now) => {
      const { job } = due
      if (job.status === 'finished')
        throw new AppError('job_finished', 'This job has no due instant left: there is nothing to pause.')
      const lasting = isPaused(job, now)
      const at = lasting ? (job.pause?.at ?? now) : now
      const pause = { at, until, note: request.note ?? null, by: who.name }
      // While it stays paused, what the pause covers is decided when it ends.
      if (lasting) return { plan: null, job: { ...job, pause, nextDueAt: until, updatedAt: now } }
      const owed = plan(due, now)
      const { plannedThrough, runsPlanned } = owed
      return {
        plan: owed,
        job: {
          ...job,
          plannedThrough,
          runsPlanned,
          status: 'paused',
          pause,
          nextDueAt: until,
          updatedAt: now,
        },
      }
    },
  })
  return report.job!
}

function readUntil(text: string, now: number): number {
  const until = Date.parse(text)
  if (until > now) return until
  const detail = 'The end of a pause lies in the future. Leave it out to pause until someone resumes the job.'
  throw new AppError('invalid', detail, [{ pointer: '/until', code: 'until_past', detail }])
}
