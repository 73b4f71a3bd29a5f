// Nodes: the server processes that share one store.

import Type from 'typebox'
import { Id, Instant, Nullable } from './scalars.ts'

export const NODE_STATUSES = ['live', 'draining', 'silent', 'left', 'lapsed', 'replaced'] as const
export type NodeStatus = (typeof NODE_STATUSES)[number]

const Milliseconds = (description: string) => Type.Number({ description })

export const Node = Type.Object(
  {
    id: Id,
    epoch: Type.Integer({ minimum: 1, description: 'Grows with each registration, over all nodes.' }),
    hostname: Type.String(),
    pid: Type.Integer(),
    version: Type.String(),
    status: Type.Enum([...NODE_STATUSES], {
      description:
        '`live`; `draining`: takes no new work; `silent`: its lease has run out and nobody has taken over yet; and how ' +
        'it ended: `left` (it said so), `lapsed` (its lease ran out), `replaced` (by the next process of a single server).',
    }),
    self: Type.Boolean({ description: 'It is the one that answers this request.' }),
    startedAt: Instant,
    leaseUntil: Nullable(
      Type.String({
        ...Instant,
        description: 'null: it is the only one by a lock, and holds no lease by time.',
      }),
    ),
    endedAt: Nullable(Instant),
    held: Nullable(
      Type.Integer({
        minimum: 0,
        description:
          'Runs leased and not yet reported. null: not known, or it is yet to hear that it is to drain.',
      }),
    ),
    skewMs: Nullable(Milliseconds("Its wall clock minus the store's: positive, and it is ahead.")),
    latenessP50Ms: Nullable(
      Milliseconds('From the due instant to the first attempt, of runs started lately.'),
    ),
    latenessP99Ms: Nullable(Milliseconds('The same, for the slowest hundredth.')),
  },
  {
    title: 'Node',
    additionalProperties: false,
    examples: [
      {
        id: 'nod_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        epoch: 12,
        hostname: 'bells-1',
        pid: 4711,
        version: '0.1.0',
        status: 'live',
        self: true,
        startedAt: '2027-01-01T00:00:00.000Z',
        leaseUntil: '2027-01-01T00:00:06.000Z',
        endedAt: null,
        held: 3,
        skewMs: -2,
        latenessP50Ms: 8,
        latenessP99Ms: 41,
      },
    ],
  },
)
export type Node = Type.Static<typeof Node>

export const NodeList = Type.Object(
  { items: Type.Array(Node) },
  { title: 'NodeList', additionalProperties: false },
)
export type NodeList = Type.Static<typeof NodeList>
