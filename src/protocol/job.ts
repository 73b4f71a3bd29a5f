// A job as it is sent and as it is answered.

import Type from 'typebox'
import { Callback } from './callback.ts'
import { pageOf } from './pages.ts'
import { Policy } from './policy.ts'
import { PROBLEMS_MAX, Problem } from './problem.ts'
import { Id, Instant, InstantInput, Labels, Nullable } from './scalars.ts'
import { Schedule, Warning } from './schedule.ts'
import { Target } from './target.ts'

export const BATCH_JOBS_MAX = 10_000
export const JOB_STATUSES = ['active', 'paused', 'finished'] as const

export const JobDraft = Type.Object(
  {
    name: Type.String({
      description: 'Unique in its project; up to 200 characters, no "/".',
      examples: ['close-day'],
    }),
    project: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'Name or id of its project. Default: `default`.',
      }),
    ),
    description: Type.Optional(Nullable(Type.String({ maxLength: 2_000 }))),
    labels: Type.Optional(Labels),
    schedule: Schedule,
    target: Target,
    policy: Type.Optional(Policy),
    callback: Type.Optional(Nullable(Callback)),
  },
  {
    title: 'JobDraft',
    additionalProperties: false,
    description: 'What makes a job, or replaces its definition.',
    examples: [
      {
        name: 'close-day',
        description: 'Closes the books of the day.',
        labels: { team: 'billing' },
        schedule: { cron: '30 2 * * MON-FRI', timezone: 'Europe/Berlin' },
        target: {
          http: { url: 'https://billing.example.com/close-day', method: 'POST', body: { dryRun: false } },
        },
        policy: { overlap: 'skip', timeout: '30s', retry: { delays: ['1s', '5s', '30s'] } },
        callback: { url: 'https://ops.example.com/carillon', on: ['failed', 'missed', 'unknown'] },
      },
      {
        name: 'heartbeat',
        schedule: { every: '30s' },
        target: { http: { url: 'https://example.com/ping' } },
      },
    ],
  },
)
export type JobDraft = Type.Static<typeof JobDraft>

export const JobCheck = Type.Object(
  {
    errors: Type.Array(Problem, {
      maxItems: PROBLEMS_MAX,
      description: 'What it would be refused for, each with where it is.',
    }),
    warnings: Type.Array(Warning, { description: 'What may surprise about it.' }),
  },
  {
    title: 'JobCheck',
    description: 'What the server makes of a job that is not there yet.',
    examples: [
      {
        errors: [
          {
            pointer: '/schedule/cron',
            code: 'cron_never',
            detail: 'The expression never matches: February has no day 30.',
          },
        ],
        warnings: [],
      },
    ],
  },
)
export type JobCheck = Type.Static<typeof JobCheck>

/** A merge patch has no schema of its own: what counts is the whole document it makes. */
export const JobPatch = Type.Record(Type.String(), Type.Unknown(), {
  title: 'JobPatch',
  description:
    'RFC 7396: what stands here replaces what was, null removes it, and the result must be a valid job.',
  examples: [{ schedule: { cron: '0 3 * * *' }, description: null }],
})
export type JobPatch = { [K in keyof JobDraft]?: Partial<JobDraft[K]> | null } & Record<string, unknown>

export const Pause = Type.Object(
  {
    at: Instant,
    until: Nullable(Instant),
    note: Nullable(Type.String()),
    by: Type.String({ description: 'Name of the key that paused it.' }),
  },
  { title: 'Pause' },
)
export type Pause = Type.Static<typeof Pause>

export const Job = Type.Object(
  {
    id: Id,
    version: Type.Integer({ minimum: 1, description: 'Grows with every edit. Also the ETag.' }),
    name: Type.String(),
    projectId: Id,
    description: Nullable(Type.String()),
    labels: Labels,
    schedule: Schedule,
    target: Target,
    policy: Policy,
    callback: Nullable(Callback),
    status: Type.Enum([...JOB_STATUSES], { description: '`finished`: no due instant is left.' }),
    pause: Nullable(Pause),
    nextDueAt: Nullable(
      Type.String({
        ...Instant,
        description: 'The next due instant; null: none, or it is paused without an end.',
      }),
    ),
    createdAt: Instant,
    updatedAt: Instant,
  },
  {
    title: 'Job',
    description: 'What to run, when, under which rules.',
    examples: [
      {
        id: 'job_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        version: 1,
        name: 'heartbeat',
        projectId: 'prj_default',
        description: null,
        labels: {},
        schedule: { every: '30s' },
        target: { http: { url: 'https://example.com/ping' } },
        policy: {},
        callback: null,
        status: 'active',
        pause: null,
        nextDueAt: '2027-01-01T00:00:30.000Z',
        createdAt: '2027-01-01T00:00:00.000Z',
        updatedAt: '2027-01-01T00:00:00.000Z',
      },
    ],
  },
)
export type Job = Type.Static<typeof Job>

export const JobWithWarnings = Type.Object(
  { ...Job.properties, warnings: Type.Array(Warning) },
  { title: 'JobWithWarnings', description: 'A job as it was just written, with what may surprise about it.' },
)
export type JobWithWarnings = Type.Static<typeof JobWithWarnings>

export const JobPage = pageOf(Job)
export type JobPage = Type.Static<typeof JobPage>

export const JobVersion = Type.Object(
  {
    version: Type.Integer({ minimum: 1 }),
    name: Type.String(),
    description: Nullable(Type.String()),
    labels: Labels,
    schedule: Schedule,
    target: Target,
    policy: Policy,
    callback: Nullable(Callback),
    createdAt: Instant,
    createdBy: Type.String({ description: 'Id of the key that wrote it.' }),
  },
  {
    title: 'JobVersion',
    description: 'A definition a job has or had. Runs name the version they ran under.',
  },
)
export type JobVersion = Type.Static<typeof JobVersion>

export const JobVersions = Type.Object({ items: Type.Array(JobVersion) })
export type JobVersions = Type.Static<typeof JobVersions>

export const PauseRequest = Type.Object(
  {
    until: Type.Optional(
      Type.String({
        ...InstantInput,
        description: 'Resumes by itself here. Left out: until someone resumes it.',
      }),
    ),
    note: Type.Optional(Type.String({ maxLength: 2_000, description: 'Why, for whoever finds it paused.' })),
  },
  {
    title: 'PauseRequest',
    additionalProperties: false,
    examples: [{ until: '2027-01-02T00:00:00Z', note: 'Migration' }],
  },
)
export type PauseRequest = Type.Static<typeof PauseRequest>

export const ResumeRequest = Type.Object(
  {
    onResume: Type.Optional(
      Type.Enum(['skip', 'latest', 'all'], {
        description: 'What the pause covered: skipped, or caught up. Default: the rule of the job.',
      }),
    ),
  },
  { title: 'ResumeRequest', additionalProperties: false, examples: [{ onResume: 'latest' }] },
)
export type ResumeRequest = Type.Static<typeof ResumeRequest>

export const TriggerRequest = Type.Object(
  {
    params: Type.Optional(Type.Unknown({ description: 'Sent in place of the target’s body.' })),
    force: Type.Optional(Type.Boolean({ description: 'Also when the job is paused.' })),
  },
  { title: 'TriggerRequest', additionalProperties: false, examples: [{ params: { day: '2027-01-01' } }] },
)
export type TriggerRequest = Type.Static<typeof TriggerRequest>
