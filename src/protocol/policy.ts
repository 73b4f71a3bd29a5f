// Under which rules a job runs, as it travels. The bounds of durations are checked with the job's meaning.

import Type from 'typebox'
import { DurationText, StatusPattern } from './scalars.ts'

const OVERLAP_MODES = ['skip', 'queue', 'allow', 'replace'] as const
const CATCH_UP_MODES = ['none', 'latest', 'all'] as const

export const Overlap = Type.Union(
  [
    Type.Enum([...OVERLAP_MODES]),
    Type.Object(
      {
        mode: Type.Enum([...OVERLAP_MODES]),
        max: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 1_000,
            description: 'Runs waiting (queue) or at once (allow).',
          }),
        ),
      },
      { additionalProperties: false },
    ),
  ],
  {
    description:
      'A run is due while one is under way: `skip` it (default), `queue` it, `allow` both, or `replace` the old one.',
    examples: ['skip', { mode: 'queue', max: 10 }],
  },
)

export const CatchUp = Type.Union(
  [
    Type.Enum([...CATCH_UP_MODES]),
    Type.Object(
      {
        mode: Type.Enum([...CATCH_UP_MODES]),
        within: Type.Optional(
          Type.String({ ...DurationText, description: 'Older instants are missed. Default 24 h.' }),
        ),
        max: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, description: 'Default 100.' })),
        rate: Type.Optional(
          Type.Number({ exclusiveMinimum: 0, maximum: 60_000, description: 'Catch-up runs per minute.' }),
        ),
        order: Type.Optional(Type.Enum(['oldest', 'newest'], { description: 'Which come first.' })),
      },
      { additionalProperties: false },
    ),
  ],
  {
    description:
      'Instants that passed while nobody could ring them: run `none`, the `latest` (default) or `all` of them. The others are written down as missed.',
    examples: ['latest', { mode: 'all', within: '6h', rate: 60 }],
  },
)

export const Retry = Type.Object(
  {
    delays: Type.Optional(
      Type.Array(DurationText, {
        maxItems: 100,
        description: 'The wait before each retry; their number is the limit.',
      }),
    ),
    max: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 100, description: 'Retries after the first attempt. Default 3.' }),
    ),
    minDelay: Type.Optional(Type.String({ ...DurationText, description: 'The first wait. Default 1s.' })),
    maxDelay: Type.Optional(Type.String({ ...DurationText, description: 'The longest wait. Default 1h.' })),
    factor: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 100,
        description: 'Each wait is so many times the last. Default 4.',
      }),
    ),
    jitter: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'The share of each wait that is drawn by chance. Default 0.5.',
      }),
    ),
    nonRetryable: Type.Optional(
      Type.Array(StatusPattern, {
        maxItems: 100,
        description: 'Statuses that are final at once. Default: 4xx but 408, 425, 429.',
      }),
    ),
    on: Type.Optional(
      Type.Array(Type.Enum(['error', 'timeout']), {
        maxItems: 2,
        uniqueItems: true,
        description:
          'Which ends of an attempt are tried again. Default both. What did not even begin, and what was lost, always is.',
      }),
    ),
  },
  {
    title: 'Retry',
    additionalProperties: false,
    description: 'Either a list of delays, or exponential growth. A Retry-After of the receiver is honoured.',
    examples: [{ delays: ['1s', '5s', '30s'] }, { max: 5, minDelay: '1s', maxDelay: '10m' }],
  },
)

export const Keep = Type.Object(
  {
    days: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 3_650, description: 'Ended runs are kept so long.' }),
    ),
    last: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100_000,
        description: 'And the last so many of each final status.',
      }),
    ),
  },
  {
    title: 'Keep',
    additionalProperties: false,
    description:
      'How long ended runs are kept. Never forgets a run that has not ended or an undelivered callback.',
    examples: [{ days: 30 }],
  },
)
export type Keep = Type.Static<typeof Keep>

export const Concurrency = Type.Object(
  {
    key: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Shared over the jobs of a project: visible ASCII characters without spaces.',
    }),
    max: Type.Integer({ minimum: 1, maximum: 10_000, description: 'So many runs at the same time.' }),
  },
  {
    title: 'Concurrency',
    additionalProperties: false,
    description:
      'Of the runs that share a key, over all jobs of the project and all nodes, at most so many are under way. ' +
      'The others wait, in the order they became ready.',
    examples: [{ key: 'billing-db', max: 2 }],
  },
)
export type Concurrency = Type.Static<typeof Concurrency>

export const Policy = Type.Object(
  {
    overlap: Type.Optional(Overlap),
    catchUp: Type.Optional(CatchUp),
    startWithin: Type.Optional(
      Type.String({
        ...DurationText,
        description: 'A run not started so long after its time is missed (too_late).',
      }),
    ),
    timeout: Type.Optional(
      Type.String({
        ...DurationText,
        description: 'Of one attempt. Default 15m. "0s": none, for commands, scripts and asynchronous calls.',
      }),
    ),
    heartbeatTimeout: Type.Optional(
      Type.String({
        ...DurationText,
        description:
          'An attempt that finishes later (a command or script, an asynchronous call) and tells nothing of itself for so long is lost.',
      }),
    ),
    queueTimeout: Type.Optional(
      Type.String({
        ...DurationText,
        description: 'A run for which no matching agent is there so long is missed (no_agent).',
      }),
    ),
    concurrency: Type.Optional(Concurrency),
    retry: Type.Optional(Retry),
    delivery: Type.Optional(
      Type.Enum(['at_least_once', 'at_most_once'], {
        description: 'at_most_once never runs twice: where we cannot know, the run ends as `unknown`.',
      }),
    ),
    keep: Type.Optional(Keep),
    onResume: Type.Optional(
      Type.Enum(['skip', 'latest', 'all'], {
        description: 'What a pause covered: skipped (default), or caught up.',
      }),
    ),
  },
  {
    title: 'Policy',
    additionalProperties: false,
    description: 'Under which rules. Everything may be left out.',
    examples: [{ overlap: 'skip', timeout: '30s', retry: { delays: ['1s', '5s', '30s'] } }],
  },
)
export type Policy = Type.Static<typeof Policy>
