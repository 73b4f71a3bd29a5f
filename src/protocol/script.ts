// Scripts: uploaded once, known by their SHA-256.

import Type from 'typebox'
import { pageOf } from './pages.ts'
import { Id, Instant, Nullable } from './scalars.ts'

export const Script = Type.Object(
  {
    sha256: Type.String({ description: 'Of the content, lower-case hex. A job names the script by it.' }),
    projectId: Id,
    name: Nullable(Type.String({ description: 'For people.' })),
    interpreter: Nullable(Type.String({ description: 'What its author had in mind; a job names its own.' })),
    bytes: Type.Integer({ minimum: 1 }),
    createdAt: Instant,
    createdBy: Id,
  },
  {
    title: 'Script',
    examples: [
      {
        sha256: '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
        projectId: 'prj_default',
        name: 'report.py',
        interpreter: 'python3',
        bytes: 1_234,
        createdAt: '2027-01-01T00:00:00.000Z',
        createdBy: 'key_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
      },
    ],
  },
)
export type Script = Type.Static<typeof Script>

export const ScriptPage = pageOf(Script)
export type ScriptPage = Type.Static<typeof ScriptPage>

/** What is uploaded: the content, as it is. */
export const ScriptContent = Type.Unsafe<Uint8Array>(Type.String({ format: 'binary' }))
