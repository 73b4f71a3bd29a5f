// Many jobs in one request: all or none of them, or each for itself.

import Type from 'typebox'
import { BATCH_JOBS_MAX, JobDraft, JobWithWarnings } from './job.ts'
import { Problem } from './problem.ts'

export const BATCH_MODES = ['whole', 'each'] as const

export const JobBatchRequest = Type.Object(
  {
    mode: Type.Optional(
      Type.Enum([...BATCH_MODES], {
        description:
          '`whole` (default): one problem and nothing is stored. `each`: good ones are stored, the others reported.',
      }),
    ),
    jobs: Type.Array(JobDraft, { minItems: 1, maxItems: BATCH_JOBS_MAX }),
  },
  {
    title: 'JobBatchRequest',
    additionalProperties: false,
    examples: [
      {
        mode: 'each',
        jobs: [
          {
            name: 'heartbeat',
            schedule: { every: '30s' },
            target: { http: { url: 'https://example.com/ping' } },
          },
        ],
      },
    ],
  },
)
export type JobBatchRequest = Type.Static<typeof JobBatchRequest>

export const JobBatchItem = Type.Object(
  {
    job: Type.Optional(JobWithWarnings),
    code: Type.Optional(Type.String({ description: 'Why it was refused.', examples: ['invalid'] })),
    errors: Type.Optional(
      Type.Array(Problem, {
        description: 'What is wrong with it. Pointers start at the request: `/jobs/3/name`.',
      }),
    ),
  },
  {
    title: 'JobBatchItem',
    description: 'Either `job`, or `code` and `errors`; in the order of the request.',
  },
)
export type JobBatchItem = Type.Static<typeof JobBatchItem>

export const JobBatchReport = Type.Object(
  {
    created: Type.Integer({ minimum: 0 }),
    failed: Type.Integer({ minimum: 0 }),
    items: Type.Array(JobBatchItem),
  },
  { title: 'JobBatchReport' },
)
export type JobBatchReport = Type.Static<typeof JobBatchReport>
