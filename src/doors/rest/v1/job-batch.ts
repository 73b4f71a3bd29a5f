// Many jobs in one request.

import Type from 'typebox'
import { type BatchItem, createJobs } from '../../../commands/create-jobs.ts'
import type { JobDraft } from '../../../commands/job-draft.ts'
import type { Problem } from '../../../domain/errors.ts'
import { BATCH_JOBS_MAX } from '../../../protocol/job.ts'
import {
  BATCH_MODES,
  type JobBatchItem,
  JobBatchReport,
  JobBatchRequest,
} from '../../../protocol/job-batch.ts'
import { PROBLEMS_MAX } from '../../../protocol/problem.ts'
import { endpoint } from '../../http/endpoint.ts'
import { invalid } from '../../http/http-problem.ts'
import { bodyCheck } from '../../http/validate/body-check.ts'
import { tryDraft } from './job-document.ts'
import { presentJob } from './present.ts'

/** The request around the jobs; they are checked one by one, so that each can be refused for itself. */
const checkEnvelope = bodyCheck(
  Type.Object(
    {
      mode: Type.Optional(Type.Enum([...BATCH_MODES])),
      jobs: Type.Array(Type.Unknown(), { minItems: 1, maxItems: BATCH_JOBS_MAX }),
    },
    { additionalProperties: false },
  ),
)

export const createJobsEndpoint = endpoint({
  method: 'POST',
  path: '/v1/jobs/batch',
  operationId: 'createJobs',
  tag: 'Jobs',
  summary: 'Create many jobs',
  description: `Up to ${BATCH_JOBS_MAX} jobs. All or none of them (\`whole\`), or each for itself (\`each\`).`,
  action: 'job.create',
  body: { schema: JobBatchRequest, batch: true, unchecked: true },
  repeatable: true,
  replies: {
    200: {
      description: 'Some were refused (mode `each`); `items` says which and why.',
      schema: JobBatchReport,
    },
    201: { description: 'All were created.', schema: JobBatchReport },
  },
  problems: ['name_taken', 'quota_exceeded'],
  handle: async ({ ctx, who, body, once }) => {
    const { mode = 'whole', jobs } = checkEnvelope(body)
    const drafts: JobDraft[] = []
    const refused = new Map<number, readonly Problem[]>()
    jobs.forEach((document, n) => {
      const read = tryDraft(ctx, document)
      if ('draft' in read) drafts.push(read.draft)
      else refused.set(n, read.problems)
    })
    if (mode === 'whole') refuseWhole(refused)
    const made =
      drafts.length === 0 ? { items: [], replayed: false } : await createJobs(ctx, who, drafts, mode, once)
    const items = inOrder(jobs.length, refused, made.items)
    const failed = items.filter(({ job }) => job === undefined).length
    return {
      status: failed === 0 ? 201 : 200,
      body: { created: items.length - failed, failed, items },
      headers: made.replayed ? { 'Idempotency-Replayed': 'true' } : {},
    }
  },
})

function refuseWhole(refused: ReadonlyMap<number, readonly Problem[]>): void {
  const problems: Problem[] = []
  for (const [n, list] of refused) {
    if (problems.length < PROBLEMS_MAX) problems.push(...below(n, list))
  }
  if (problems.length > 0) throw invalid(problems)
}

/** Made and refused items, as they stood in the request. */
function inOrder(
  count: number,
  refused: ReadonlyMap<number, readonly Problem[]>,
  made: readonly BatchItem[],
): JobBatchItem[] {
  const rest = made.values()
  return Array.from({ length: count }, (_, n) => {
    const problems = refused.get(n)
    if (problems !== undefined) return { code: 'invalid', errors: below(n, problems) }
    const item = rest.next().value!
    if ('job' in item) return { job: { ...presentJob(item.job), warnings: [...item.warnings] } }
    return { code: item.code, errors: below(n, item.problems) }
  })
}

function below(n: number, problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, pointer: `/jobs/${n}${problem.pointer}` }))
}
