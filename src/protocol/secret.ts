// Secrets: written, and never read again.

import Type from 'typebox'
import { pageOf } from './pages.ts'
import { Id, Instant } from './scalars.ts'

export const SecretValue = Type.Object(
  {
    value: Type.String({
      minLength: 8,
      maxLength: 65_536,
      description: 'Text of 8 to 65536 bytes. No answer ever holds it.',
    }),
  },
  {
    title: 'SecretValue',
    additionalProperties: false,
    examples: [{ value: 'correct horse battery staple' }],
  },
)
export type SecretValue = Type.Static<typeof SecretValue>

export const Secret = Type.Object(
  {
    name: Type.String({ description: 'Jobs ask for it as {{secret.name}}.' }),
    projectId: Id,
    keyId: Type.String({ description: 'Of the key it is sealed with.' }),
    createdAt: Instant,
    updatedAt: Instant,
    updatedBy: Id,
  },
  {
    title: 'Secret',
    examples: [
      {
        name: 'billing_token',
        projectId: 'prj_default',
        keyId: '3f0c9a51d2e84b77',
        createdAt: '2027-01-01T00:00:00.000Z',
        updatedAt: '2027-01-01T00:00:00.000Z',
        updatedBy: 'key_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
      },
    ],
  },
)
export type Secret = Type.Static<typeof Secret>

export const SecretPage = pageOf(Secret)
export type SecretPage = Type.Static<typeof SecretPage>

export const ResealRequest = Type.Object(
  {
    renew: Type.Optional(
      Type.Boolean({ description: 'Makes a new key first, where the server made its keys itself.' }),
    ),
  },
  { title: 'ResealRequest', additionalProperties: false, examples: [{ renew: true }] },
)
export type ResealRequest = Type.Static<typeof ResealRequest>

export const Resealed = Type.Object(
  {
    keyId: Type.String({ description: 'Of the key everything is sealed with now.' }),
    resealed: Type.Integer({ minimum: 0, description: 'Secrets that had another.' }),
  },
  { title: 'Resealed', examples: [{ keyId: '3f0c9a51d2e84b77', resealed: 12 }] },
)
export type Resealed = Type.Static<typeof Resealed>
