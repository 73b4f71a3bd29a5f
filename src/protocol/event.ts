// Live events: a hint of what happened. They may be lost; the ledger may not.

import Type from 'typebox'
import { Id, Instant, Nullable } from './scalars.ts'

export const Event = Type.Object(
  {
    type: Type.String({ examples: ['run.succeeded', 'job.created'] }),
    at: Instant,
    projectId: Id,
    jobId: Nullable(Id),
    runId: Nullable(Id),
    data: Type.Record(Type.String(), Type.Unknown()),
  },
  {
    title: 'Event',
    description:
      'The `data` of one server-sent event; its `event` is the type, its `id` the place to resume from.',
    examples: [
      {
        type: 'run.succeeded',
        at: '2027-01-01T00:00:30.090Z',
        projectId: 'prj_default',
        jobId: 'job_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        runId: 'run_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        data: { status: 'succeeded' },
      },
    ],
  },
)
export type Event = Type.Static<typeof Event>
