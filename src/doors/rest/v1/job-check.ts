// Would this job be accepted? For whoever writes one: all that is wrong with it, told while nothing is stored.

import { type JobCheck as Checked, checkEditedJob, checkNewJob } from '../../../commands/check-new-job.ts'
import type { Context } from '../../../commands/context.ts'
import { getJob } from '../../../commands/get-job.ts'
import type { JobDraft } from '../../../commands/job-draft.ts'
import * as protocol from '../../../protocol/job.ts'
import { PROBLEMS_MAX } from '../../../protocol/problem.ts'
import { type Answer, endpoint } from '../../http/endpoint.ts'
import { tryDraft } from './job-document.ts'
import { JOB_PARAMS, jobRef, PROJECT_PARAMETER } from './job-ref.ts'

const BODY = { schema: protocol.JobDraft, unchecked: true } as const
const REPLIES = {
  200: {
    description: 'What the server makes of it; `errors` is empty where it would be accepted.',
    schema: protocol.JobCheck,
  },
} as const

export const checkNewJobEndpoint = endpoint({
  method: 'POST',
  path: '/v1/jobs/check',
  operationId: 'checkNewJob',
  tag: 'Jobs',
  summary: 'Check a job before it is created',
  description:
    'The checks of `createJob`, all of them, and nothing is stored. Quotas are asked when it is created.',
  action: 'job.create',
  body: BODY,
  replies: REPLIES,
  problems: ['not_found'],
  handle: ({ ctx, who, body }) => checked(ctx, body, (draft) => checkNewJob(ctx, who, draft)),
})

export const checkEditedJobEndpoint = endpoint({
  method: 'POST',
  path: '/v1/jobs/{job}/check',
  params: JOB_PARAMS,
  operationId: 'checkEditedJob',
  tag: 'Jobs',
  summary: 'Check a definition before it replaces that of a job',
  description: 'The checks of `replaceJob`, all of them, and nothing is stored.',
  action: 'job.update',
  query: PROJECT_PARAMETER,
  body: BODY,
  replies: REPLIES,
  problems: ['not_found'],
  handle: async ({ ctx, who, params, query, body }) => {
    const { id: idOrName } = await getJob(ctx, who, jobRef(params, query))
    return checked(ctx, body, (draft) => checkEditedJob(ctx, who, { idOrName }, draft))
  },
})

async function checked(
  ctx: Context,
  body: unknown,
  check: (draft: JobDraft) => Promise<Checked>,
): Promise<Answer> {
  const read = tryDraft(ctx, body)
  const { problems, warnings } = 'draft' in read ? await check(read.draft) : { ...read, warnings: [] }
  return {
    status: 200,
    body: { errors: problems.slice(0, PROBLEMS_MAX), warnings: [...warnings] } satisfies protocol.JobCheck,
  }
}
