// The token a call shows its receiver: who calls, on whose behalf, whom it is for.

import type { Effect } from '../domain/effect.ts'
import type { Work } from '../ports/work.ts'
import type { Context } from './context.ts'

/** Throws where this server makes none. */
export async function tokenOfCall(
  ctx: Context,
  { run, spec, attempt }: Work,
  audience: string,
  together: boolean,
): Promise<string> {
  const project = run.projectId
  const job = { job: run.jobId, jobName: spec.name }
  const about = together ? { project } : { project, ...job, run: run.id, attempt: attempt.number }
  const sub = together ? `project:${project}` : `project:${project}:job:${run.jobId}`
  return mintOf(ctx).mint({ aud: audience, sub, about })
}

export async function tokenOfCallback(
  ctx: Context,
  { projectId: project, jobId: job, runId: run }: Effect,
  audience: string,
): Promise<string> {
  return mintOf(ctx).mint({
    aud: audience,
    sub: `project:${project}:job:${job}`,
    about: { project, job, run },
  })
}

function mintOf(ctx: Context): NonNullable<Context['mint']> {
  if (ctx.mint === undefined) throw new Error('this server makes none (public-url, secret-keys)')
  return ctx.mint
}
