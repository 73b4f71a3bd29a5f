// A run and its attempts, as they are answered and as callbacks tell them.

import Type from 'typebox'
import { pageOf } from './pages.ts'
import { Id, Instant, Nullable } from './scalars.ts'

export const RUN_STATUSES = [
  'pending',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
  'missed',
  'unknown',
] as const
export type RunStatus = (typeof RUN_STATUSES)[number]

export const REASONS = [
  'overlap',
  'paused',
  'calendar',
  'too_late',
  'catch_up_limit',
  'quota',
  'no_agent',
  'superseded',
  'job_deleted',
] as const
export type Reason = (typeof REASONS)[number]

const runFields = {
  id: Id,
  job: Type.String({ description: 'Name of its job when the run was written.' }),
  jobId: Id,
  projectId: Id,
  jobVersion: Type.Integer({ minimum: 1, description: 'The definition it runs under.' }),
  trigger: Type.Enum(['schedule', 'manual', 'retry'], { description: 'What made it owed.' }),
  status: Type.Enum([...RUN_STATUSES], {
    description:
      'pending, running and cancelling are open; all others are final and never change. `unknown`: we cannot know whether it ran.',
  }),
  reason: Nullable(Type.Enum([...REASONS], { description: 'Why it was skipped or missed.' })),
  dueAt: Type.String({ ...Instant, description: 'Its nominal time.' }),
  late: Type.Boolean({ description: 'Its time passed while nobody could ring it; caught up later.' }),
  waitsForKey: Nullable(
    Type.String({ description: 'It could start, but its concurrency key has no room now.' }),
  ),
  readyAt: Nullable(
    Type.String({
      ...Instant,
      description:
        'While pending: may start from here on. null: it waits for another run, or is not pending.',
    }),
  ),
  attemptCount: Type.Integer({ minimum: 0, description: 'Attempts started so far.' }),
  fence: Type.Integer({ minimum: 0, description: 'Number of its last lease; grows with every hand-over.' }),
  params: Type.Unknown({ description: 'What a manual trigger sent along; null otherwise.' }),
  message: Nullable(Type.String({ description: 'How the last attempt went, in a sentence.' })),
  createdAt: Instant,
  startedAt: Nullable(Instant),
  finishedAt: Nullable(Instant),
}

const RUN_EXAMPLE = {
  id: 'run_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
  job: 'heartbeat',
  jobId: 'job_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
  projectId: 'prj_default',
  jobVersion: 1,
  trigger: 'schedule',
  status: 'succeeded',
  reason: null,
  dueAt: '2027-01-01T00:00:30.000Z',
  late: false,
  waitsForKey: null,
  readyAt: null,
  attemptCount: 1,
  fence: 1,
  params: null,
  message: 'answered 200',
  createdAt: '2027-01-01T00:00:30.004Z',
  startedAt: '2027-01-01T00:00:30.005Z',
  finishedAt: '2027-01-01T00:00:30.090Z',
}

export const Run = Type.Object(runFields, {
  title: 'Run',
  description: 'One owed execution of a job: an entry of the ledger. Also the body of a callback.',
  examples: [RUN_EXAMPLE],
})
export type Run = Type.Static<typeof Run>

export const ResponseRecord = Type.Object(
  {
    status: Type.Integer(),
    headers: Type.Record(Type.String(), Type.String()),
    body: Type.String({ description: 'Text, up to a cap; bytes that are not UTF-8 are replaced.' }),
    bodyBytes: Type.Integer({ minimum: 0 }),
    truncated: Type.Boolean(),
  },
  { title: 'ResponseRecord', description: 'What the receiver answered.' },
)

export const ProcessRecord = Type.Object(
  {
    exitCode: Nullable(Type.Integer({ description: 'null: a signal ended it.' })),
    signal: Nullable(Type.String({ description: 'As `SIGKILL`.' })),
    output: Type.String({
      description: 'The last of both outputs. All of it is the log: GET /v1/runs/{run}/log.',
    }),
    outputBytes: Type.Integer({ minimum: 0 }),
    truncated: Type.Boolean({
      description: "It wrote more than the job's `output.maxBytes`; the log lacks the rest.",
    }),
  },
  { title: 'ProcessRecord', description: 'How the process of a command or script ended.' },
)

export const Attempt = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    part: Nullable(
      Type.Integer({
        minimum: 0,
        description: 'Which part of a run that several agents share; null: all of it.',
      }),
    ),
    cause: Type.Enum(['first', 'retry_policy', 'node_lost', 'lease_expired', 'refused'], {
      description: 'Why it exists.',
    }),
    fence: Type.Integer({ minimum: 0 }),
    nodeId: Id,
    agent: Nullable(
      Type.String({ description: 'Name of the agent that carried it out; null: a server did.' }),
    ),
    startedAt: Instant,
    endedAt: Nullable(Instant),
    outcome: Nullable(
      Type.Enum(['ok', 'error', 'timeout', 'lost', 'refused', 'cancelled'], {
        description: 'null while it is under way.',
      }),
    ),
    message: Nullable(Type.String()),
    errorCode: Nullable(Type.String({ description: 'Of outcome `error`: a stable word.' })),
    response: Nullable(ResponseRecord),
    timing: Nullable(
      Type.Object(
        {
          connectMs: Type.Number({
            minimum: 0,
            description: 'Until a connection stood: waiting for a free one, the name, TCP, TLS.',
          }),
          firstByteMs: Nullable(
            Type.Number({
              minimum: 0,
              description: 'From then to the first of the answer; null: none came.',
            }),
          ),
        },
        { description: 'Of an HTTP call that left; of its last request where redirects were followed.' },
      ),
    ),
    process: Nullable(ProcessRecord),
    told: Nullable(
      Type.Object(
        {
          at: Type.String({ ...Instant, description: 'When the last word of it came.' }),
          progress: Nullable(Type.Number({ description: 'The share that is done, from 0 to 1.' })),
          message: Nullable(Type.String()),
          endsBy: Nullable(
            Type.String({
              ...Instant,
              description: 'It was given until then, longer than its timeout says.',
            }),
          ),
        },
        { description: 'What the command or script of an attempt under way tells of itself; null: nothing.' },
      ),
    ),
    late: Nullable(
      Type.Object(
        { at: Instant, outcome: Type.String(), message: Nullable(Type.String()) },
        { description: 'What was reported after it had ended otherwise: evidence, which changes nothing.' },
      ),
    ),
  },
  { title: 'Attempt', description: 'One try of a run; never rewritten by a later one.' },
)
export type Attempt = Type.Static<typeof Attempt>

export const RunPart = Type.Object(
  {
    index: Type.Integer({ minimum: 0, description: 'From 0.' }),
    agent: Nullable(
      Type.String({ description: 'The agent it is for (`all`), or that has it or had it last (`shard`).' }),
    ),
    status: Type.Enum(['waiting', 'running', 'succeeded', 'failed', 'cancelled', 'unknown']),
    attempt: Nullable(Type.Integer({ minimum: 1, description: 'Number of its last attempt.' })),
    message: Nullable(Type.String({ description: 'How its last attempt went, in a sentence.' })),
    endedAt: Nullable(Instant),
  },
  { title: 'RunPart', description: 'What one agent does of a run that several share.' },
)
export type RunPart = Type.Static<typeof RunPart>

export const RunOutside = Type.Object(
  {
    acceptedAt: Nullable(Type.String({ ...Instant, description: 'When someone began with it.' })),
    endsAt: Nullable(Type.String({ ...Instant, description: 'When its time is up; null: never.' })),
    heardAt: Nullable(Type.String({ ...Instant, description: 'When the last word of it came.' })),
    progress: Nullable(Type.Number({ description: 'The share that is done, from 0 to 1.' })),
    message: Nullable(Type.String()),
  },
  {
    title: 'RunOutside',
    description:
      'What is known of a run that someone outside finishes: the receiver of a call, a worker on the bus.',
  },
)
export type RunOutside = Type.Static<typeof RunOutside>

export const RunDetail = Type.Object(
  {
    ...runFields,
    attempts: Type.Array(Attempt),
    parts: Type.Array(RunPart, {
      description: 'Of a run with `on.all` or `on.shard`, once it has begun; else empty.',
    }),
    outside: Nullable(RunOutside),
  },
  {
    title: 'RunDetail',
    description: 'A run with all its attempts and parts.',
    examples: [
      {
        ...RUN_EXAMPLE,
        attempts: [
          {
            number: 1,
            part: null,
            cause: 'first',
            fence: 1,
            nodeId: 'nod_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
            agent: null,
            startedAt: '2027-01-01T00:00:30.005Z',
            endedAt: '2027-01-01T00:00:30.090Z',
            outcome: 'ok',
            message: null,
            errorCode: null,
            response: { status: 200, headers: {}, body: 'pong', bodyBytes: 4, truncated: false },
            timing: { connectMs: 12.4, firstByteMs: 41 },
            process: null,
            told: null,
            late: null,
          },
        ],
        parts: [],
        outside: null,
      },
    ],
  },
)
export type RunDetail = Type.Static<typeof RunDetail>

export const RunPage = pageOf(Run)
export type RunPage = Type.Static<typeof RunPage>
