// What is wrong with the readable parts of a draft that cannot be read as a whole: whoever sent it hears all of
// its problems at once.

import { checkParts } from '../domain/check-job.ts'
import type { Problem } from '../domain/errors.ts'
import type { Context } from './context.ts'
import type { JobDraft } from './job-draft.ts'

export function checkDraft(ctx: Context, { project: _, ...parts }: Partial<JobDraft>): readonly Problem[] {
  const now = ctx.clock.now()
  const { description: _description, ...spec } = parts
  return checkParts(
    spec,
    { id: 'draft', createdAt: now },
    { ...ctx, mayCall: (url) => ctx.mayCall(url), makesTokens: ctx.mint !== undefined, now },
  ).problems.list
}
