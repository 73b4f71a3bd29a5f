// API keys. The secret is answered once, when it is made; afterwards nobody can read it.

import Type from 'typebox'
import { pageOf } from './pages.ts'
import { DurationText, Id, Instant, InstantInput, Nullable } from './scalars.ts'
import { ROLES, SCOPES } from './scopes.ts'

export const KeyDraft = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, examples: ['deploy pipeline'] }),
    scopes: Type.Optional(
      Type.Array(Type.Enum([...SCOPES]), {
        maxItems: SCOPES.length,
        description: '`admin` holds every scope but `agent`; writing implies reading. This, or roles.',
      }),
    ),
    roles: Type.Optional(
      Type.Array(Type.Enum([...ROLES]), {
        maxItems: ROLES.length,
        description: 'Bundles of scopes with a name; they add to `scopes`.',
      }),
    ),
    projects: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
        minItems: 1,
        maxItems: 1_000,
        description: 'Names or ids of the projects it may enter. Left out: all.',
      }),
    ),
    expiresAt: Type.Optional(
      Nullable(
        Type.String({
          ...InstantInput,
          description: 'Stops working then. null: never. Left out: as the operator has it (`key-lifetime`).',
        }),
      ),
    ),
  },
  {
    title: 'KeyDraft',
    additionalProperties: false,
    examples: [{ name: 'deploy pipeline', scopes: ['jobs:write', 'runs:read'], projects: ['billing'] }],
  },
)
export type KeyDraft = Type.Static<typeof KeyDraft>

export const Key = Type.Object(
  {
    id: Id,
    name: Type.String(),
    hint: Type.String({ description: 'Its first characters, to recognise it by.' }),
    scopes: Type.Array(Type.Enum([...SCOPES])),
    projectIds: Nullable(Type.Array(Id, { description: 'null: all projects.' })),
    createdAt: Instant,
    expiresAt: Nullable(Instant),
    lastUsedAt: Nullable(Instant),
    revokedAt: Nullable(Instant),
    previousUntil: Nullable(
      Type.String({ ...Instant, description: 'After a rotation the old secret works until then.' }),
    ),
  },
  {
    title: 'Key',
    examples: [
      {
        id: 'key_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        name: 'deploy pipeline',
        hint: 'crl_7Q3K',
        scopes: ['jobs:write', 'runs:read'],
        projectIds: null,
        createdAt: '2027-01-01T00:00:00.000Z',
        expiresAt: null,
        lastUsedAt: null,
        revokedAt: null,
        previousUntil: null,
      },
    ],
  },
)
export type Key = Type.Static<typeof Key>

export const KeyWithSecret = Type.Object(
  { ...Key.properties, secret: Type.String({ description: 'The key itself. Shown this once.' }) },
  { title: 'KeyWithSecret' },
)
export type KeyWithSecret = Type.Static<typeof KeyWithSecret>

export const KeyRotation = Type.Object(
  {
    overlap: Type.Optional(
      Type.String({ ...DurationText, description: 'How long the old secret still works. Default 0s.' }),
    ),
  },
  { title: 'KeyRotation', additionalProperties: false, examples: [{ overlap: '24h' }] },
)
export type KeyRotation = Type.Static<typeof KeyRotation>

export const KeyEdit = Type.Object(
  {
    name: Type.Optional(KeyDraft.properties.name),
    scopes: KeyDraft.properties.scopes,
    roles: KeyDraft.properties.roles,
    expiresAt: Type.Optional(
      Nullable(Type.String({ ...InstantInput, description: 'Stops working then. null: never.' })),
    ),
  },
  {
    title: 'KeyEdit',
    additionalProperties: false,
    examples: [{ roles: ['viewer'] }, { name: 'deploy, old' }],
  },
)
export type KeyEdit = Type.Static<typeof KeyEdit>

export const KeyPage = pageOf(Key)
export type KeyPage = Type.Static<typeof KeyPage>
