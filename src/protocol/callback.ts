// Who is told when a run has ended, and how the telling went.

import Type from 'typebox'
import { pageOf } from './pages.ts'
import { CallAuth, DurationText, Headers, Id, Instant, Nullable, SignRule } from './scalars.ts'

export const TOLD_STATUSES = ['succeeded', 'failed', 'cancelled', 'skipped', 'missed', 'unknown'] as const

export const Callback = Type.Object(
  {
    url: Type.String({
      description: 'Receives a POST of the run.',
      examples: ['https://ops.example.com/carillon'],
    }),
    headers: Type.Optional(Headers),
    sign: Type.Optional(SignRule),
    auth: Type.Optional(CallAuth),
    timeout: Type.Optional(Type.String({ ...DurationText, description: 'Of one try. Default 10s.' })),
    retryDelays: Type.Optional(
      Type.Array(DurationText, {
        maxItems: 100,
        description:
          'Waits before further tries. Default 1s, 5s, 30s. After the last one it is a dead letter.',
      }),
    ),
    on: Type.Optional(
      Type.Array(Type.Enum([...TOLD_STATUSES]), {
        minItems: 1,
        maxItems: 6,
        description: 'Final statuses that are told. Default: all but skipped.',
      }),
    ),
    body: Type.Optional(
      Type.Unknown({
        description:
          'Sent instead of the run: text as it stands, anything else as JSON. `{{run.status}}` and every other member of ' +
          'the run are filled in; `{{run.error}}` is the message of a run that did not succeed.',
        examples: [{ text: '{{run.job}} of {{run.dueAt}}: {{run.status}} {{run.error}}' }],
      }),
    ),
    statusNames: Type.Optional(
      Type.Object(
        Object.fromEntries(
          TOLD_STATUSES.map((status) => [
            status,
            Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
          ]),
        ) as Record<(typeof TOLD_STATUSES)[number], Type.TOptional<Type.TString>>,
        {
          additionalProperties: false,
          description: 'What `{{run.status}}` says in the body, for receivers with words of their own.',
        },
      ),
    ),
  },
  {
    title: 'Callback',
    additionalProperties: false,
    description:
      'Who is told when a run has ended; at least once, with an id that stays the same over all tries.',
    examples: [{ url: 'https://ops.example.com/carillon', on: ['failed', 'missed', 'unknown'] }],
  },
)
export type Callback = Type.Static<typeof Callback>

export const DELIVERY_STATUSES = ['pending', 'delivered', 'dead'] as const

export const CallbackDelivery = Type.Object(
  {
    id: Id,
    projectId: Id,
    jobId: Id,
    runId: Id,
    url: Type.String(),
    status: Type.Enum([...DELIVERY_STATUSES], {
      description: '`dead`: every try failed. Redeliver it when the receiver is well again.',
    }),
    tries: Type.Integer({ minimum: 0 }),
    nextTryAt: Nullable(Instant),
    createdAt: Instant,
    endedAt: Nullable(Instant),
  },
  {
    title: 'CallbackDelivery',
    description: 'One run that must be told to one receiver.',
    examples: [
      {
        id: 'eff_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        projectId: 'prj_default',
        jobId: 'job_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        runId: 'run_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        url: 'https://ops.example.com/carillon',
        status: 'dead',
        tries: 4,
        nextTryAt: null,
        createdAt: '2027-01-01T00:00:01.000Z',
        endedAt: '2027-01-01T00:00:37.000Z',
      },
    ],
  },
)
export type CallbackDelivery = Type.Static<typeof CallbackDelivery>

export const CallbackTry = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    startedAt: Instant,
    endedAt: Instant,
    ok: Type.Boolean(),
    status: Nullable(Type.Integer({ description: 'What the receiver answered; null: no answer.' })),
    message: Type.String(),
  },
  { title: 'CallbackTry' },
)
export type CallbackTry = Type.Static<typeof CallbackTry>

export const CallbackDetail = Type.Object(
  { ...CallbackDelivery.properties, deliveries: Type.Array(CallbackTry) },
  { title: 'CallbackDetail', description: 'A callback with every try to deliver it.' },
)
export type CallbackDetail = Type.Static<typeof CallbackDetail>

export const CallbackPage = pageOf(CallbackDelivery)
export type CallbackPage = Type.Static<typeof CallbackPage>
