// Logs of runs: what their processes wrote, line by line.

import Type from 'typebox'
import { RUN_STATUSES } from './run.ts'
import { Instant, Nullable } from './scalars.ts'

export const LOG_STREAMS = ['stdout', 'stderr', 'system'] as const
export const LOG_STATUSES = ['open', 'sealed', 'incomplete'] as const

export const LogInfo = Type.Object(
  {
    attempt: Type.Integer({ minimum: 1 }),
    part: Type.Integer({
      minimum: 0,
      description: 'Which of the processes of the attempt; 0 where there is one.',
    }),
    status: Type.Enum([...LOG_STATUSES], {
      description:
        '`open`: more may come. `sealed`: all of it is here. `incomplete`: the attempt has ended, and the end of its log has not arrived.',
    }),
    note: Nullable(Type.String({ description: 'What it lacks, and why.' })),
    lines: Type.Integer({ minimum: 0 }),
    bytes: Type.Integer({ minimum: 0, description: 'Of what was written.' }),
    createdAt: Instant,
    sealedAt: Nullable(Instant),
  },
  { title: 'LogInfo', description: 'The log of one process of an attempt.' },
)
export type LogInfo = Type.Static<typeof LogInfo>

const LOG_EXAMPLE: LogInfo = {
  attempt: 1,
  part: 0,
  status: 'open',
  note: null,
  lines: 2,
  bytes: 31,
  createdAt: '2027-01-01T00:00:30.005Z',
  sealedAt: null,
}

export const LogLine = Type.Object(
  {
    line: Type.Integer({ minimum: 1, description: 'Its number, over all streams.' }),
    at: Instant,
    stream: Type.Enum([...LOG_STREAMS], { description: '`system`: a remark of Carillon itself.' }),
    text: Type.String({ description: 'Without its end; bytes that are not UTF-8 are replaced.' }),
    cut: Type.Optional(Type.Literal(true, { description: 'It is longer; the download has all of it.' })),
    open: Type.Optional(
      Type.Literal(true, { description: 'It had no end when it was taken; more of it may follow.' }),
    ),
  },
  { title: 'LogLine' },
)
export type LogLine = Type.Static<typeof LogLine>

const LINE_EXAMPLE: LogLine = {
  line: 2,
  at: '2027-01-01T00:00:30.005Z',
  stream: 'stdout',
  text: 'copied 17 files',
}

export const LogList = Type.Object(
  { items: Type.Array(LogInfo) },
  { title: 'LogList', examples: [{ items: [LOG_EXAMPLE] }] },
)
export type LogList = Type.Static<typeof LogList>

export const LogPage = Type.Object(
  {
    log: Nullable(LogInfo),
    items: Type.Array(LogLine),
    next: Type.Integer({
      minimum: 1,
      description: 'Send it back as `from` to go on after what was looked at.',
    }),
  },
  {
    title: 'LogPage',
    description: 'Lines of one log. `log` is null where nothing has been written.',
    examples: [{ log: LOG_EXAMPLE, items: [LINE_EXAMPLE], next: 3 }],
  },
)
export type LogPage = Type.Static<typeof LogPage>

/** The `data` of one event of a stream, by the event's type. */
export const LogEvent = Type.Union(
  [
    Type.Object({
      type: Type.Literal('lines'),
      attempt: Type.Integer(),
      part: Type.Integer(),
      items: Type.Array(LogLine),
    }),
    Type.Object({ type: Type.Literal('log'), log: LogInfo }),
    Type.Object({
      type: Type.Literal('end'),
      status: Type.Enum([...RUN_STATUSES]),
      message: Nullable(Type.String()),
    }),
  ],
  {
    title: 'LogEvent',
    description:
      'The `data` of one server-sent event. `lines`: more of a log. `log`: its status has changed. `end`: the run has ended, and nothing more comes.',
    examples: [
      { type: 'lines', attempt: 1, part: 0, items: [LINE_EXAMPLE] },
      { type: 'end', status: 'succeeded', message: 'done' },
    ],
  },
)
export type LogEvent = Type.Static<typeof LogEvent>
