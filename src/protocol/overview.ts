// How everything is, at a glance: the last day, the next week, and what is under way.

import Type from 'typebox'
import { Run, type RunStatus } from './run.ts'
import { Instant, Nullable } from './scalars.ts'

const Count = Type.Integer({ minimum: 0 })

export const StatusCounts = Type.Object(
  {
    pending: Type.Optional(Count),
    running: Type.Optional(Count),
    cancelling: Type.Optional(Count),
    succeeded: Type.Optional(Count),
    failed: Type.Optional(Count),
    cancelled: Type.Optional(Count),
    skipped: Type.Optional(Count),
    missed: Type.Optional(Count),
    unknown: Type.Optional(Count),
  } satisfies Record<RunStatus, unknown>,
  {
    title: 'StatusCounts',
    description: 'How many runs have which status. What is left out is none.',
    examples: [{ succeeded: 120, failed: 1 }],
  },
)
export type StatusCounts = Type.Static<typeof StatusCounts>

export const Overview = Type.Object(
  {
    at: Instant,
    jobs: Nullable(
      Type.Object(
        { active: Count, paused: Count, finished: Count },
        { description: 'null: the key may not enter all projects.' },
      ),
    ),
    open: Nullable(StatusCounts),
    lastDay: StatusCounts,
    lateness: Type.Object(
      {
        starts: Type.Integer({ minimum: 0, description: 'First starts of the last hour.' }),
        p50Ms: Nullable(Type.Integer({ description: 'Half of them began within so many milliseconds.' })),
        p99Ms: Nullable(Type.Integer()),
      },
      { description: 'From the due instant to the first attempt; upper bounds.' },
    ),
    deadCallbacks: Type.Integer({ minimum: 0, description: 'Counted up to 100.' }),
    past: Type.Object({
      from: Instant,
      bucketMs: Count,
      buckets: Type.Array(Type.Object({ at: Instant, counts: StatusCounts }), {
        description:
          'Runs by due instant, and gaps where they end: each counts as many skipped or missed as it stands for.',
      }),
      countedAt: Nullable(
        Type.String({ ...Instant, description: 'null: the first count is under way, this is a part of it.' }),
      ),
    }),
    ahead: Type.Object({
      from: Instant,
      bucketMs: Count,
      counts: Type.Array(Count, { description: 'Due instants in each bucket of the next week.' }),
      nextHour: Count,
      countedAt: Nullable(Instant),
      sampled: Type.Boolean({
        description: 'Too many jobs to look at each: the others are taken to be alike.',
      }),
    }),
  },
  { title: 'Overview', description: 'Counted off the request; `countedAt` says how old the figures are.' },
)
export type Overview = Type.Static<typeof Overview>

export const RecentRuns = Type.Object(
  { items: Type.Array(Type.Object({ jobId: Type.String(), runs: Type.Array(Run) })) },
  {
    title: 'RecentRuns',
    description: 'The last runs of each job, newest first, in the order that was asked for.',
  },
)
export type RecentRuns = Type.Static<typeof RecentRuns>
