// Projects: namespaces of jobs and keys.

import Type from 'typebox'
import { pageOf } from './pages.ts'
import { Keep } from './policy.ts'
import { Id, Instant, Nullable } from './scalars.ts'

export const ProjectDraft = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Unique; stands in addresses.',
      examples: ['billing'],
    }),
    description: Type.Optional(Nullable(Type.String({ maxLength: 2_000 }))),
    keep: Type.Optional(Keep),
  },
  { title: 'ProjectDraft', additionalProperties: false, examples: [{ name: 'billing', keep: { days: 90 } }] },
)
export type ProjectDraft = Type.Static<typeof ProjectDraft>

export const ProjectPatch = Type.Object(
  {
    name: Type.Optional(ProjectDraft.properties.name),
    description: Type.Optional(Nullable(Type.String({ maxLength: 2_000 }))),
    keep: Type.Optional(Nullable(Keep)),
  },
  {
    title: 'ProjectPatch',
    additionalProperties: false,
    description: 'A merge patch (RFC 7396): fields left out stay as they are, null empties.',
    examples: [{ keep: { days: 7, last: 100 } }],
  },
)
export type ProjectPatch = Type.Static<typeof ProjectPatch>

export const Project = Type.Object(
  {
    id: Id,
    version: Type.Integer({ minimum: 1 }),
    name: Type.String(),
    description: Nullable(Type.String()),
    keep: Keep,
    createdAt: Instant,
    updatedAt: Instant,
  },
  {
    title: 'Project',
    description: 'A namespace: owns jobs and defaults. `default` exists from the start.',
    examples: [
      {
        id: 'prj_default',
        version: 1,
        name: 'default',
        description: null,
        keep: {},
        createdAt: '2027-01-01T00:00:00.000Z',
        updatedAt: '2027-01-01T00:00:00.000Z',
      },
    ],
  },
)
export type Project = Type.Static<typeof Project>

export const ProjectPage = pageOf(Project)
export type ProjectPage = Type.Static<typeof ProjectPage>
