// Signing in at the page: a key, or the ticket of a link, becomes a cookie that scripts cannot read.

import Type from 'typebox'
import { pageOf } from './pages.ts'
import { Id, Instant, Nullable } from './scalars.ts'
import { SCOPES } from './scopes.ts'

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
    name: Type.String({ description: 'Name of the key, or of the person.' }),
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

export const WaysIn = Type.Object(
  {
    issuers: Type.Array(
      Type.Object({
        issuer: Type.String({ description: 'Its address, as its tokens name it.' }),
        page: Nullable(
          Type.Object(
            { title: Type.String({ description: 'What stands on the button.' }) },
            { description: 'null: nobody comes by it at the page.' },
          ),
        ),
        terminal: Nullable(
          Type.Object(
            {
              clientId: Type.String({ description: 'What the issuer knows the command line as.' }),
              scopes: Type.Array(Type.String()),
              resource: Nullable(Type.String({ description: 'What the issuer calls this server.' })),
            },
            { description: 'null: nobody comes by it at a terminal.' },
          ),
        ),
      }),
    ),
  },
  {
    title: 'WaysIn',
    description: 'By whom people come in, besides keys and links.',
    examples: [
      {
        issuers: [
          { issuer: 'https://login.example.com', page: { title: 'login.example.com' }, terminal: null },
        ],
      },
    ],
  },
)
export type WaysIn = Type.Static<typeof WaysIn>

export const LoginStart = Type.Object(
  { issuer: Type.String({ minLength: 1, maxLength: 500, description: 'One of the ways in.' }) },
  {
    title: 'LoginStart',
    additionalProperties: false,
    examples: [{ issuer: 'https://login.example.com' }],
  },
)
export type LoginStart = Type.Static<typeof LoginStart>

export const LoginPlace = Type.Object(
  { url: Type.String({ description: 'Where the browser goes on, at the issuer.' }) },
  { title: 'LoginPlace', examples: [{ url: 'https://login.example.com/authorize?client_id=…' }] },
)
export type LoginPlace = Type.Static<typeof LoginPlace>

export const OpenVisit = Type.Object(
  {
    id: Id,
    keyId: Type.String({ description: 'Whose it is: a key, or (oidc_…) somebody an issuer knows.' }),
    name: Type.String(),
    issuer: Nullable(Type.String({ description: 'By whom they came; null: by a key or a link.' })),
    createdAt: Instant,
    expiresAt: Instant,
    own: Type.Boolean({ description: 'This request came with it.' }),
  },
  {
    title: 'OpenVisit',
    examples: [
      {
        id: 'vis_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        keyId: 'key_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        name: 'admin',
        issuer: null,
        createdAt: '2027-01-01T00:00:00.000Z',
        expiresAt: '2027-01-08T00:00:00.000Z',
        own: true,
      },
    ],
  },
)
export type OpenVisit = Type.Static<typeof OpenVisit>

export const VisitPage = pageOf(OpenVisit)
export type VisitPage = Type.Static<typeof VisitPage>

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
