// Who changed what, as it travels.

import Type from 'typebox'
import { pageOf } from './pages.ts'
import { Id, Instant, Nullable } from './scalars.ts'

export const AuditEntry = Type.Object(
  {
    id: Id,
    at: Instant,
    actorId: Type.String({
      description:
        'Who asked for it: a key, or (oidc_…) somebody an issuer knows; then `detail.actor` says who.',
    }),
    actorName: Type.String({ description: 'What they were called then.' }),
    action: Type.String({ description: 'As in the list of actions.', examples: ['job.update'] }),
    projectId: Nullable(Id),
    subject: Nullable(Type.String({ description: 'What it was done to.' })),
    detail: Type.Record(Type.String(), Type.Unknown(), {
      description: '`address`: where it was asked for from; entries of older servers have none.',
    }),
    link: Nullable(
      Type.Integer({ description: 'Its place in the chain; null: written a moment ago and not linked yet.' }),
    ),
    hash: Nullable(Type.String({ description: 'SHA-256 over this entry and the hash before it.' })),
  },
  {
    title: 'AuditEntry',
    examples: [
      {
        id: 'aud_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        at: '2027-01-01T00:00:00.000Z',
        actorId: 'key_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        actorName: 'deploy',
        action: 'job.update',
        projectId: 'prj_default',
        subject: 'job_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        detail: { name: 'close-day', address: '198.51.100.7' },
        link: 17,
        hash: '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
      },
    ],
  },
)
export type AuditEntry = Type.Static<typeof AuditEntry>

export const AuditPage = pageOf(AuditEntry)
export type AuditPage = Type.Static<typeof AuditPage>

export const AuditChain = Type.Object(
  {
    items: Type.Array(AuditEntry, {
      description: 'In the order of the chain. Fewer than asked for: the end.',
    }),
  },
  { title: 'AuditChain' },
)
export type AuditChain = Type.Static<typeof AuditChain>
