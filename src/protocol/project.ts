// Projects: namespaces of jobs and keys.

import Type from 'typebox'
import { pageOf } from './pages.ts'
import { Keep } from './policy.ts'
import { Id, Instant, Nullable } from './scalars.ts'

const rules = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 253 }), {
    maxItems: 200,
    description,
    examples: [['10.20.0.0/16', '*.internal.example.com']],
  })

export const TargetRules = Type.Object(
  {
    policy: Type.Optional(
      Type.Union([Type.Literal('public'), Type.Literal('listed')], {
        description:
          'public: what the server allows, and what `allow` adds. listed: nothing but what `allow` names. Default: public.',
      }),
    ),
    allow: Type.Optional(
      rules('Hosts, *.suffixes, addresses and CIDR blocks that may be called, private ones too.'),
    ),
    deny: Type.Optional(rules('Hosts, *.suffixes, addresses and CIDR blocks that are never called.')),
  },
  {
    title: 'TargetRules',
    additionalProperties: false,
    description: 'Whom jobs and callbacks of the project may call. Changing it takes admin for all projects.',
    examples: [{ policy: 'listed', allow: ['api.example.com'] }],
  },
)
export type TargetRules = Type.Static<typeof TargetRules>

const quota = (maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum, description }))

export const Quotas = Type.Object(
  {
    jobs: quota(10_000_000, 'Jobs that exist at the same time.'),
    runsPerMinute: quota(
      1_000_000,
      'Runs that begin within a minute of the clock; what exceeds them rings in the next minutes, within an hour.',
    ),
    concurrency: quota(
      1_000_000,
      'Runs under way at the same time, over all nodes and agents; the others wait until one of them ends.',
    ),
    logBytesPerDay: quota(
      2 ** 50,
      'Bytes of logs kept of one day (UTC); what exceeds them is left out, and counted.',
    ),
  },
  {
    title: 'Quotas',
    additionalProperties: false,
    description:
      'How much the project may use. None is the default. Changing it takes admin for all projects.',
    examples: [{ jobs: 1_000, runsPerMinute: 600 }],
  },
)
export type Quotas = Type.Static<typeof Quotas>

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
    targets: Type.Optional(TargetRules),
    quotas: Type.Optional(Quotas),
  },
  { title: 'ProjectDraft', additionalProperties: false, examples: [{ name: 'billing', keep: { days: 90 } }] },
)
export type ProjectDraft = Type.Static<typeof ProjectDraft>

export const ProjectPatch = Type.Object(
  {
    name: Type.Optional(ProjectDraft.properties.name),
    description: Type.Optional(Nullable(Type.String({ maxLength: 2_000 }))),
    keep: Type.Optional(Nullable(Keep)),
    targets: Type.Optional(Nullable(TargetRules)),
    quotas: Type.Optional(Nullable(Quotas)),
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
    targets: TargetRules,
    quotas: Quotas,
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
        targets: {},
        quotas: {},
        createdAt: '2027-01-01T00:00:00.000Z',
        updatedAt: '2027-01-01T00:00:00.000Z',
      },
    ],
  },
)
export type Project = Type.Static<typeof Project>

export const ProjectPage = pageOf(Project)
export type ProjectPage = Type.Static<typeof ProjectPage>
