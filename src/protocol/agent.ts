// Agents, and the tokens by which they come in.

import Type from 'typebox'
import { pageOf } from './pages.ts'
import { DurationText, Id, Instant, Labels, Nullable } from './scalars.ts'

const Name = Type.String({ description: 'Unique; also its label `agent`.', examples: ['db-1'] })

export const Agent = Type.Object(
  {
    id: Id,
    name: Name,
    labels: { ...Labels, description: 'What jobs choose it by.' },
    projectIds: Nullable(Type.Array(Id, { description: 'Whose runs it may carry out. null: all.' })),
    slots: Type.Integer({ minimum: 0, description: 'Attempts it carries out at the same time.' }),
    version: Type.String(),
    hostname: Type.String(),
    status: Type.Enum(['live', 'draining', 'away'], {
      description: '`draining`: it takes nothing new. `away`: nothing was heard of it for too long.',
    }),
    createdAt: Instant,
    seenAt: Nullable(
      Type.String({ ...Instant, description: 'When it was last heard of, within some seconds.' }),
    ),
  },
  {
    title: 'Agent',
    description: 'A process that dials in, leases commands and scripts, and carries them out.',
    examples: [
      {
        id: 'agt_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        name: 'db-1',
        labels: { agent: 'db-1', role: 'db' },
        projectIds: null,
        slots: 8,
        version: '0.1.0',
        hostname: 'db-1.internal',
        status: 'live',
        createdAt: '2027-01-01T00:00:00.000Z',
        seenAt: '2027-01-01T00:00:30.000Z',
      },
    ],
  },
)
export type Agent = Type.Static<typeof Agent>

export const AgentPage = pageOf(Agent)
export type AgentPage = Type.Static<typeof AgentPage>

export const DrainRequest = Type.Object(
  { drain: Type.Boolean({ description: 'true: it takes nothing new. false: it takes work again.' }) },
  { title: 'DrainRequest', additionalProperties: false, examples: [{ drain: true }] },
)
export type DrainRequest = Type.Static<typeof DrainRequest>

export const JoinTokenDraft = Type.Object(
  {
    labels: Type.Optional({ ...Labels, description: 'Labels its agent has, whatever it says itself.' }),
    projects: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
        minItems: 1,
        maxItems: 1_000,
        description: 'Names or ids of the projects it may work for. Left out: all.',
      }),
    ),
    ttl: Type.Optional(
      Type.String({ ...DurationText, description: 'How long it lets somebody in. Default 1h.' }),
    ),
  },
  {
    title: 'JoinTokenDraft',
    additionalProperties: false,
    examples: [{ labels: { role: 'db' }, ttl: '30m' }],
  },
)
export type JoinTokenDraft = Type.Static<typeof JoinTokenDraft>

export const JoinToken = Type.Object(
  {
    id: Id,
    hint: Type.String({ description: 'Its first characters, to recognise it by.' }),
    labels: Labels,
    projectIds: Nullable(Type.Array(Id)),
    createdAt: Instant,
    createdBy: Type.String({ description: 'Id of the key that made it.' }),
    expiresAt: Instant,
    usedAt: Nullable(Instant),
    usedBy: Nullable(Type.String({ description: 'Id of the agent that came in by it.' })),
  },
  { title: 'JoinToken' },
)
export type JoinToken = Type.Static<typeof JoinToken>

export const JoinTokenPage = pageOf(JoinToken)
export type JoinTokenPage = Type.Static<typeof JoinTokenPage>

export const JoinTokenWithSecret = Type.Object(
  { ...JoinToken.properties, secret: Type.String({ description: 'The token itself. Shown this once.' }) },
  { title: 'JoinTokenWithSecret' },
)
export type JoinTokenWithSecret = Type.Static<typeof JoinTokenWithSecret>

export const JoinRequest = Type.Object(
  {
    token: Type.String({ minLength: 1, maxLength: 512 }),
    name: Name,
    hostname: Type.String({ minLength: 1, maxLength: 255 }),
    version: Type.String({ minLength: 1, maxLength: 64 }),
  },
  {
    title: 'JoinRequest',
    additionalProperties: false,
    examples: [{ token: 'carillon_…', name: 'db-1', hostname: 'db-1.internal', version: '0.1.0' }],
  },
)
export type JoinRequest = Type.Static<typeof JoinRequest>

export const AgentCredential = Type.Object(
  { agent: Agent, secret: Type.String({ description: 'Its own key, of scope `agent`. Shown this once.' }) },
  { title: 'AgentCredential' },
)
export type AgentCredential = Type.Static<typeof AgentCredential>

export const RotatedSecret = Type.Object(
  { secret: Type.String({ description: 'The new key. The old one works for ten minutes more.' }) },
  { title: 'RotatedSecret' },
)
export type RotatedSecret = Type.Static<typeof RotatedSecret>
