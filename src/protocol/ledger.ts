// The ledger of one job: what rang, what did not and why, and what is still to come.

import Type from 'typebox'
import { REASONS, Run } from './run.ts'
import { Id, Instant, Nullable } from './scalars.ts'

export const Gap = Type.Object(
  {
    id: Id,
    jobId: Id,
    jobVersion: Type.Integer({ minimum: 1 }),
    from: Type.String({ ...Instant, description: 'The first due instant it stands for.' }),
    to: Type.String({ ...Instant, description: 'The last one. Inclusive.' }),
    count: Type.Integer({ minimum: 1, description: 'How many due instants it stands for.' }),
    status: Type.Enum(['skipped', 'missed']),
    reason: Type.Enum([...REASONS]),
    createdAt: Instant,
  },
  {
    title: 'Gap',
    description: 'One ledger entry for many consecutive due instants that got no run of their own.',
  },
)
export type Gap = Type.Static<typeof Gap>

export const Ledger = Type.Object(
  {
    from: Instant,
    to: Instant,
    runs: Type.Array(Run, { description: 'By due instant, ascending.' }),
    gaps: Type.Array(Gap),
    upcoming: Type.Array(Instant, { description: 'Due instants in the range that have no entry yet.' }),
    truncated: Type.Boolean({ description: 'There is more in this range; ask for a shorter one.' }),
  },
  { title: 'Ledger', description: 'All entries of a job in [from, to).' },
)
export type Ledger = Type.Static<typeof Ledger>

export const Explanation = Type.Object(
  {
    at: Instant,
    due: Type.Boolean({ description: 'Was (or is) the job due at this very instant?' }),
    answer: Type.String({ description: 'The answer, in a sentence or two.' }),
    run: Nullable(Run),
    gap: Nullable(Gap),
    previous: Nullable(Type.String({ ...Instant, description: 'The due instant before.' })),
    next: Nullable(Type.String({ ...Instant, description: 'The due instant after.' })),
    facts: Type.Array(
      Type.Object(
        { label: Type.String(), detail: Type.String() },
        { description: 'What the answer rests on.' },
      ),
    ),
  },
  { title: 'Explanation', description: 'Why a job rang, or did not ring, at an instant.' },
)
export type Explanation = Type.Static<typeof Explanation>
