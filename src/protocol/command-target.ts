// Commands and scripts, as they travel. Bounds of bytes and names are checked with the job's meaning.

import Type from 'typebox'
import { DurationText, Labels } from './scalars.ts'

export const ProcessLimits = Type.Object(
  {
    cpuSeconds: Type.Optional(Type.Integer({ minimum: 1, description: 'Seconds of processor time.' })),
    memoryBytes: Type.Optional(Type.Integer({ minimum: 1, description: 'Address space of one process.' })),
    openFiles: Type.Optional(Type.Integer({ minimum: 1 })),
    processes: Type.Optional(Type.Integer({ minimum: 1, description: 'Processes of its user.' })),
    fileBytes: Type.Optional(Type.Integer({ minimum: 0, description: 'Size of a file it writes.' })),
  },
  {
    title: 'ProcessLimits',
    additionalProperties: false,
    description: 'How far the process may go. Left out: as far as the agent may.',
    examples: [{ cpuSeconds: 600, memoryBytes: 1_073_741_824 }],
  },
)

export const Placement = Type.Object(
  {
    any: Type.Optional(
      Type.Literal(true, { description: 'On one agent that is free and matches. The default.' }),
    ),
    all: Type.Optional(
      Type.Literal(true, { description: 'On every matching agent that is there when the run starts.' }),
    ),
    shard: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000,
        description: 'In so many parts, each told its index and their number.',
      }),
    ),
    labels: Type.Optional({ ...Labels, description: 'Only agents that have all of these.' }),
  },
  {
    title: 'Placement',
    additionalProperties: false,
    description: 'On which agents.',
    examples: [{ any: true, labels: { role: 'db' } }, { all: true }, { shard: 4 }],
  },
)

const execution = {
  env: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description: 'Variables, added to the clean environment it starts with.',
      examples: [{ STAGE: 'production' }],
    }),
  ),
  cwd: Type.Optional(Type.String({ description: 'Absolute. Default: an empty directory of its own.' })),
  user: Type.Optional(
    Type.String({ description: "Whom it runs as, if the agent's policy admits it. Default: the agent's." }),
  ),
  stdin: Type.Optional(Type.String({ description: 'Its standard input. Default: empty.' })),
  limits: Type.Optional(ProcessLimits),
  output: Type.Optional(
    Type.Object(
      {
        maxBytes: Type.Optional(
          Type.Integer({ minimum: 0, description: 'Bytes of output kept. Default 64 MiB.' }),
        ),
      },
      { additionalProperties: false },
    ),
  ),
  killAfter: Type.Optional(
    Type.String({
      ...DurationText,
      description: 'Between the request to end (TERM) and the end by force (KILL). Default 10s.',
    }),
  ),
  on: Type.Optional(Placement),
}

const argv = Type.Array(Type.String(), {
  minItems: 1,
  maxItems: 1_000,
  description: 'Program and arguments, each as it stands: no shell reads them.',
})
const shell = Type.String({ description: 'A line for `sh -c`.' })

export const CommandTarget = Type.Unsafe<CommandTargetOf>(
  Type.Object(
    { argv: Type.Optional(argv), shell: Type.Optional(shell), ...execution },
    {
      title: 'CommandTarget',
      additionalProperties: false,
      description: 'A process on an agent: either argv or shell.',
      examples: [{ argv: ['backup', '--all'], on: { labels: { role: 'db' } } }, { shell: 'df -h | tail -1' }],
    },
  ),
)
export type CommandTarget = CommandTargetOf

export const ScriptTarget = Type.Object(
  {
    sha256: Type.String({ description: 'Of the uploaded content, in hex.' }),
    interpreter: Type.String({
      description: 'What runs it: one of those the server and the agent allow.',
      examples: ['python3', 'bash'],
    }),
    args: Type.Optional(Type.Array(Type.String(), { maxItems: 1_000 })),
    ...execution,
  },
  {
    title: 'ScriptTarget',
    additionalProperties: false,
    description: 'An uploaded script on an agent. Its content is checked before every execution.',
    examples: [
      {
        sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        interpreter: 'python3',
        args: ['--day', 'yesterday'],
      },
    ],
  },
)
export type ScriptTarget = Type.Static<typeof ScriptTarget>

type Execution = Omit<ScriptTarget, 'sha256' | 'interpreter' | 'args'>
type CommandTargetOf = Execution & ({ argv: string[]; shell?: never } | { argv?: never; shell: string })
export type Placement = Type.Static<typeof Placement>
