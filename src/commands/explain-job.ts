// Why did it run, or not? One sentence, and the facts behind it.

import type { Principal } from '../domain/api-key.ts'
import { type Explanation, explain } from '../domain/explain.ts'
import type { Job } from '../domain/job.ts'
import { pausedGap } from '../domain/paused-gap.ts'
import { scheduleOf } from '../domain/plan.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'
import { findJob, type JobRef } from './find-job.ts'

/** `at` null: about the last due instant. An instant that is not due is answered with its neighbours. */
export async function explainJob(
  ctx: Context,
  who: Principal,
  ref: JobRef,
  at: number | null,
): Promise<Explanation> {
  authorize(who, 'ledger.read')
  const job = await findJob(ctx, who, ref)
  const now = ctx.clock.now()
  const instant = at ?? lastDue(job, now)
  const schedule = await scheduleThen(ctx, job, instant)
  const stored = await ctx.store.runs.entryAt(job.id, instant)
  const paused = pausedGap(job, now)
  const current = paused !== null && paused.from <= instant && instant <= paused.to ? { gap: paused } : null
  const entry = stored ?? current
  const attempts = entry !== null && 'run' in entry ? await ctx.store.runs.attempts(entry.run.id) : []
  const { quotas } = await ctx.projects.of(job.projectId)
  return explain({ job, schedule, at: instant, now, entry, attempts, quotas })
}

function lastDue(job: Job, now: number): number {
  return scheduleOf(job).previous(now + 1) ?? now
}

/** The schedule that was in force at that moment: an edit does not rewrite the past. */
async function scheduleThen(ctx: Context, job: Job, at: number): Promise<ReturnType<typeof scheduleOf>> {
  const versions = await ctx.store.jobs.versions(job.id)
  const then = versions.filter(({ createdAt }) => createdAt <= at).sort((a, b) => b.version - a.version)[0]
  return scheduleOf(then === undefined ? job : { ...job, spec: then.spec })
}
