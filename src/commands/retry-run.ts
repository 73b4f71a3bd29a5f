import type { Principal } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'
import { planManual } from '../domain/plan-manual.ts'
import { isFinal, type Run } from '../domain/run.ts'
import type { Once } from '../ports/store.ts'
import { authorize } from './authorize.ts'
import { changeJob } from './change-job.ts'
import type { Context } from './context.ts'
import { findRun } from './get-run.ts'
import { idempotent, type OnceMark } from './idempotent.ts'
import { knownRun } from './trigger-job.ts'

/** The ended run stays as it is: a new run does its work again, with the job as it is defined now. */
export async function retryRun(
  ctx: Context,
  who: Principal,
  id: string,
  mark?: OnceMark,
): Promise<{ run: Run; replayed: boolean }> {
  authorize(who, 'run.retry')
  const old = await findRun(ctx, who, id)
  if (!isFinal(old.status)) {
    throw new AppError('run_not_final', `This run is ${old.status}. Cancel it first, or wait for its end.`)
  }
  const act = async (once: (memo: { runId: string }) => { once?: Once }): Promise<{ run: Run }> => {
    const newId = ctx.chance.id('run')
    const report = await changeJob(
      ctx,
      who,
      { idOrName: old.jobId },
      {
        event: 'triggered',
        action: 'run.retry',
        ...once({ runId: newId }),
        decide: (due, now) => {
          const { run, replaceOpen } = planManual(due, 'retry', old.params, now)
          return { plan: null, job: due.job, runs: [{ ...run, id: newId }], replaceOpen }
        },
      },
    )
    return { run: report.runs.at(-1)! }
  }
  const recall = async ({ runId }: { runId: string }): Promise<{ run: Run }> => ({
    run: await knownRun(ctx, runId),
  })
  return idempotent(ctx, who, mark, { act, recall })
}
