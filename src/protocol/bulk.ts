// One action on many jobs, told job by job.

import Type from 'typebox'
import { JOB_STATUSES, PauseRequest, TriggerRequest } from './job.ts'
import { Id, InstantInput, Labels, Nullable } from './scalars.ts'

export const BULK_NAMED_MAX = 10_000

export const BulkRequest = Type.Object(
  {
    action: Type.Enum(['pause', 'resume', 'trigger', 'delete']),
    jobs: Type.Optional(
      Type.Array(Id, { minItems: 1, maxItems: BULK_NAMED_MAX, description: 'Ids of the jobs. Or `filter`.' }),
    ),
    filter: Type.Optional(
      Type.Object(
        {
          project: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
          status: Type.Optional(Type.Enum([...JOB_STATUSES])),
          q: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
          labels: Type.Optional(Labels),
          dueFrom: Type.Optional(
            Type.String({
              ...InstantInput,
              description: 'Only jobs that will be due at this instant or later, when it begins.',
            }),
          ),
          dueTo: Type.Optional(
            Type.String({ ...InstantInput, description: 'Only jobs that will be due before this instant.' }),
          ),
        },
        {
          additionalProperties: false,
          description: 'All jobs that a list with this filter shows. `{}`: every job the key may see.',
        },
      ),
    ),
    dryRun: Type.Optional(Type.Boolean({ description: 'Only says how many there are.' })),
    pause: Type.Optional(PauseRequest),
    trigger: Type.Optional(TriggerRequest),
  },
  {
    title: 'BulkRequest',
    additionalProperties: false,
    examples: [{ action: 'pause', filter: { labels: { team: 'billing' } }, pause: { note: 'Migration' } }],
  },
)
export type BulkRequest = Type.Static<typeof BulkRequest>

export const BulkLine = Type.Object(
  {
    total: Type.Optional(
      Type.Integer({ minimum: 0, description: 'In the first line: how many jobs it is about.' }),
    ),
    jobId: Type.Optional(Id),
    name: Type.Optional(Nullable(Type.String())),
    ok: Type.Optional(Type.Boolean()),
    code: Type.Optional(Type.String({ description: 'Why it was refused for this job.' })),
    detail: Type.Optional(Type.String()),
    runId: Type.Optional(Id),
    done: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'In the last line: for how many it was done. Without it the answer was cut off.',
      }),
    ),
    failed: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  {
    title: 'BulkLine',
    description: 'One line of the answer: first `total`, then one for each job, last `done` and `failed`.',
    examples: [{ jobId: 'job_01JGFJJZ00AZ5V9W7Q3K4M6N8P', name: 'close-day', ok: true }],
  },
)
export type BulkLine = Type.Static<typeof BulkLine>
