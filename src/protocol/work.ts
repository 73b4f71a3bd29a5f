// The run protocol, as agents speak it: a session, work leased to it, beats, reports.

import Type from 'typebox'
import { Policy } from './policy.ts'
import { Id, Instant, Labels, Nullable } from './scalars.ts'
import { Target } from './target.ts'

const ITEMS_MAX = 1_024
/** More than slots: what has ended is held until it is told. */
const HELD_MAX = 4_096
const EXTEND_MAX_MS = 24 * 3_600_000
/** What every system's process numbers fit into. */
const PID_MAX = 2_147_483_647

export const Held = Type.Object(
  { run: Id, fence: Type.Integer({ minimum: 1 }) },
  { title: 'Held', additionalProperties: false, description: 'An attempt, by its run and fence.' },
)
export type Held = Type.Static<typeof Held>

const HeldList = Type.Array(Held, { maxItems: HELD_MAX })

export const SessionRequest = Type.Object(
  {
    hostname: Type.String({ minLength: 1, maxLength: 255 }),
    pid: Type.Integer({ minimum: 0, maximum: PID_MAX }),
    version: Type.String({ minLength: 1, maxLength: 64 }),
    labels: { ...Labels, description: 'Labels it gives itself. Those of its join token win.' },
    slots: Type.Integer({ minimum: 1, maximum: 1_024 }),
    held: { ...HeldList, description: 'What it still has of its earlier session.' },
  },
  {
    title: 'SessionRequest',
    additionalProperties: false,
    examples: [{ hostname: 'db-1', pid: 4711, version: '0.1.0', labels: { zone: 'a' }, slots: 8, held: [] }],
  },
)
export type SessionRequest = Type.Static<typeof SessionRequest>

export const Session = Type.Object(
  {
    session: Id,
    agent: Type.Object({ id: Id, name: Type.String(), labels: Labels }),
    leaseMs: Type.Integer({
      description: 'Without a word for so long, it is gone and what it holds is lost.',
    }),
    attached: Type.Array(Held, { description: 'Of what it held: what is its own still.' }),
  },
  { title: 'Session' },
)
export type Session = Type.Static<typeof Session>

export const LeaseRequest = Type.Object(
  {
    slots: Type.Integer({ minimum: 0, maximum: 1_024, description: 'Free ones. 0: only what is to stop.' }),
    waitMs: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 20_000, description: 'How long to wait for work. Default 0.' }),
    ),
    stopping: Type.Optional(
      Type.Array(Id, { maxItems: HELD_MAX, description: 'Runs it knows already are to stop.' }),
    ),
  },
  { title: 'LeaseRequest', additionalProperties: false, examples: [{ slots: 4, waitMs: 20_000 }] },
)
export type LeaseRequest = Type.Static<typeof LeaseRequest>

export const WorkItem = Type.Object(
  {
    run: Type.Object({
      id: Id,
      projectId: Id,
      jobId: Id,
      job: Type.String(),
      jobVersion: Type.Integer({ minimum: 1 }),
      trigger: Type.Enum(['schedule', 'manual', 'retry']),
      dueAt: Instant,
      late: Type.Boolean(),
      params: Type.Unknown(),
    }),
    attempt: Type.Object({
      number: Type.Integer({ minimum: 1 }),
      cause: Type.Enum(['first', 'retry_policy', 'node_lost', 'lease_expired', 'refused']),
      fence: Type.Integer({ minimum: 1 }),
      startedAt: Instant,
    }),
    part: Nullable(
      Type.Object(
        { index: Type.Integer({ minimum: 0 }), total: Type.Integer({ minimum: 1 }) },
        { description: 'One process of several; null: it is the only one.' },
      ),
    ),
    target: Target,
    policy: Policy,
    secrets: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description:
          'What stands for {{secret.name}} in the target, and is to be masked in whatever the attempt writes.',
      }),
    ),
  },
  { title: 'WorkItem', description: 'A leased attempt, with all that is needed to carry it out.' },
)
export type WorkItem = Type.Static<typeof WorkItem>

export const Leased = Type.Object(
  {
    works: Type.Array(WorkItem),
    stop: Type.Array(Id, { description: 'Runs it carries out that are to stop.' }),
    draining: Type.Boolean({ description: 'It gets nothing new until an operator says otherwise.' }),
  },
  { title: 'Leased' },
)
export type Leased = Type.Static<typeof Leased>

export const AttemptNews = Type.Object(
  {
    ...Held.properties,
    progress: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'The share that is done.' })),
    message: Type.Optional(Type.String({ maxLength: 500, description: 'In a sentence.' })),
    extendMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: EXTEND_MAX_MS,
        description: 'From now on it may take so much longer, whatever the timeout says.',
      }),
    ),
  },
  { title: 'AttemptNews', additionalProperties: false, description: 'What an attempt tells of itself.' },
)
export type AttemptNews = Type.Static<typeof AttemptNews>

export const BeatRequest = Type.Object(
  {
    held: {
      ...HeldList,
      description: 'Everything it has: what is leased to it and not named here never arrived.',
    },
    news: Type.Optional(
      Type.Array(AttemptNews, {
        maxItems: HELD_MAX,
        description: 'What some of them tell of themselves; what is left out stays as it was.',
      }),
    ),
  },
  {
    title: 'BeatRequest',
    additionalProperties: false,
    examples: [
      {
        held: [{ run: 'run_01JGFJJZ00AZ5V9W7Q3K4M6N8P', fence: 1 }],
        news: [
          { run: 'run_01JGFJJZ00AZ5V9W7Q3K4M6N8P', fence: 1, progress: 0.4, message: '400 of 1000 rows' },
        ],
      },
    ],
  },
)
export type BeatRequest = Type.Static<typeof BeatRequest>

export const Beat = Type.Object(
  {
    stop: Type.Array(Id, { description: 'Of those: runs that are to stop.' }),
    gone: Type.Array(Held, {
      description: 'Of those: no longer its own. What becomes of them changes nothing.',
    }),
  },
  { title: 'Beat' },
)
export type Beat = Type.Static<typeof Beat>

export const ProcessEnd = Type.Object(
  {
    exitCode: Nullable(Type.Integer()),
    signal: Nullable(Type.String({ maxLength: 32 })),
    output: Type.String({ maxLength: 65_536, description: 'The last of both outputs.' }),
    outputBytes: Type.Integer({ minimum: 0 }),
    truncated: Type.Boolean(),
  },
  { title: 'ProcessEnd', additionalProperties: false, description: 'How the process ended.' },
)

const message = Type.String({ maxLength: 4_096, description: 'How it went, in a sentence.' })

export const Report = Type.Object(
  {
    run: Id,
    fence: Type.Integer({ minimum: 1 }),
    outcome: Type.Enum(['ok', 'error', 'timeout', 'lost', 'refused', 'cancelled']),
    message: Type.Optional(message),
    code: Type.Optional(Type.String({ maxLength: 64, description: 'Of `error`: a stable word.' })),
    retryable: Type.Optional(Type.Boolean({ description: 'Of `error`. false: trying again cannot help.' })),
    reached: Type.Optional(
      Type.Enum(['no', 'maybe', 'yes'], {
        description: 'Of `error` and `timeout`: did the work begin? Default `yes`.',
      }),
    ),
    process: Type.Optional(ProcessEnd),
    agoMs: Type.Optional(Type.Integer({ minimum: 0, description: 'How long ago it ended. Default 0.' })),
  },
  { title: 'Report', additionalProperties: false },
)
export type Report = Type.Static<typeof Report>

export const ReportRequest = Type.Object(
  { reports: Type.Array(Report, { minItems: 1, maxItems: ITEMS_MAX }) },
  {
    title: 'ReportRequest',
    additionalProperties: false,
    examples: [{ reports: [{ run: 'run_01JGFJJZ00AZ5V9W7Q3K4M6N8P', fence: 1, outcome: 'ok' }] }],
  },
)
export type ReportRequest = Type.Static<typeof ReportRequest>

export const LogReceipt = Type.Object(
  {
    next: Type.Integer({ minimum: 0, description: 'Number of the chunk that comes next.' }),
    dropped: Type.Integer({
      minimum: 0,
      description: 'Bytes that came and were not kept, for want of room.',
    }),
  },
  { title: 'LogReceipt', description: 'What is answered is durable.' },
)
export type LogReceipt = Type.Static<typeof LogReceipt>

export const LogSeal = Type.Object(
  { chunks: Type.Integer({ minimum: 0, description: 'How many there are in all.' }) },
  { title: 'LogSeal', additionalProperties: false, examples: [{ chunks: 12 }] },
)
export type LogSeal = Type.Static<typeof LogSeal>

/** Frames of a log, as bytes. */
export const LogFrames = Type.Unsafe<Uint8Array>(Type.String({ format: 'binary' }))

export const ReportReply = Type.Object(
  {
    counted: Type.Array(Type.Boolean(), {
      description: 'In order. false: it came too late; it is kept as evidence and changes nothing.',
    }),
  },
  { title: 'ReportReply' },
)
export type ReportReply = Type.Static<typeof ReportReply>
