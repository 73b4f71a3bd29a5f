// Signing in at the page: a key, or the ticket of a link, becomes a cookie that scripts cannot read.

import Type from 'typebox'
import { SCOPES } from './key.ts'
import { Id, Instant, Nullable } from './scalars.ts'

export const SignIn = Type.Object(
  {
    ticket: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'From a link. Works once, for a short time.',
      }),
    ),
    key: Type.Optional(Type.String({ minLength: 1, maxLength: 512, description: 'An API key.' })),
  },
  {
    title: 'SignIn',
    additionalProperties: false,
    description: 'One of the two.',
    examples: [{ key: 'carillon_…' }],
  },
)
export type SignIn = Type.Static<typeof SignIn>

export const Me = Type.Object(
  {
    keyId: Id,
    name: Type.String({ description: 'Name of the key.' }),
    scopes: Type.Array(Type.Enum([...SCOPES])),
    projectIds: Nullable(Type.Array(Id, { description: 'null: all projects.' })),
    visit: Nullable(
      Type.Object({ expiresAt: Instant }, { description: 'null: this request came with a key itself.' }),
    ),
  },
  {
    title: 'Me',
    description: 'Who is asking, and what they may do.',
    examples: [
      {
        keyId: 'key_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        name: 'admin',
        scopes: ['admin'],
        projectIds: null,
        visit: { expiresAt: '2027-01-08T00:00:00.000Z' },
      },
    ],
  },
)
export type Me = Type.Static<typeof Me>

export const Ticket = Type.Object(
  {
    url: Type.String({ description: 'Opens the page, signed in. Works once.' }),
    expiresAt: Instant,
  },
  {
    title: 'Ticket',
    examples: [{ url: 'http://127.0.0.1:8080/sign-in#6f0c…', expiresAt: '2027-01-01T00:15:00.000Z' }],
  },
)
export type Ticket = Type.Static<typeof Ticket>
