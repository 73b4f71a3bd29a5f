import type { Principal } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'
import { isPaused } from '../domain/plan.ts'
import { planManual } from '../domain/plan-manual.ts'
import type { Run } from '../domain/run.ts'
import type { Once } from '../ports/store.ts'
import { authorize, notFound } from './authorize.ts'
import { changeJob } from './change-job.ts'
import type { Context } from './context.ts'
import type { JobRef } from './find-job.ts'
import { idempotent, type OnceMark } from './idempotent.ts'

export type TriggerRequest = {
  /** Sent in place of the target's body. */
  readonly params?: unknown
  /** Also when the job is paused. */
  readonly force?: boolean
  /** Skipped while another run of the job is open, whatever its overlap rule. */
  readonly onlyIdle?: boolean
}

/** One run now, besides the schedule. The overlap rule holds: what may not start is written down as skipped. */
export async function triggerJob(
  ctx: Context,
  who: Principal,
  ref: JobRef,
  request: TriggerRequest,
  mark?: OnceMark,
): Promise<{ run: Run; replayed: boolean }> {
  authorize(who, 'job.trigger')
  const act = async (once: (memo: { runId: string }) => { once?: Once }): Promise<{ run: Run }> => {
    const id = ctx.chance.id('run')
    const report = await changeJob(ctx, who, ref, {
      event: 'triggered',
      action: 'job.trigger',
      ...once({ runId: id }),
      decide: (due, now) => {
        if (isPaused(due.job, now) && request.force !== true) {
          throw new AppError('job_paused', 'This job is paused. Resume it, or trigger it with "force": true.')
        }
        const { params = null, onlyIdle } = request
        const { run, replaceOpen } = planManual(due, 'manual', params, now, onlyIdle)
        return { plan: null, job: due.job, runs: [{ ...run, id }], replaceOpen }
      },
    })
    return { run: report.runs.at(-1)! }
  }
  const recall = async ({ runId }: { runId: string }): Promise<{ run: Run }> => ({
    run: await knownRun(ctx, runId),
  })
  return idempotent(ctx, who, mark, { act, recall })
}

/** A run that was made for certain; only retention can have taken it since. */
export async function knownRun(ctx: Context, id: string): Promise<Run> {
  const run = await ctx.store.runs.get(id)
  if (run === null) throw notFound('run', id)
  return run
}
