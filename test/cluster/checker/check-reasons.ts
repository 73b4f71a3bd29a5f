// Why an instant got no execution: the word in the book must be true of what happened around it.

import type { Reason, Run } from '../../../src/domain/run.ts'
import type { Indexed } from './indexed.ts'
import { type Life, stretchAt } from './life.ts'
import { type Reach, reachOf } from './reach.ts'
import { type Finding, finding } from './verdict.ts'

type Entry = {
  readonly id: string
  readonly dueAt: number
  /** When it was written down. */
  readonly madeAt: number
  readonly reason: Reason | null
}

export function checkReasons(history: Indexed): Finding[] {
  const reach = reachOf(history.faults, history.limits)
  return history.lives.flatMap((life) => {
    const runs = history.runsOf(life).filter(({ trigger }) => trigger === 'schedule')
    const entries = [
      ...runs.map((run) => ({ id: run.id, dueAt: run.dueAt, madeAt: run.createdAt, reason: reasonOf(run) })),
      ...history.gapsOf(life).map(({ id, from, createdAt, reason }) => ({
        id,
        dueAt: from,
        madeAt: createdAt,
        reason,
      })),
    ]
    return entries.flatMap((entry) => {
      const wrong = whatIsWrong(entry, life, history.runsOf(life), reach)
      return wrong === null
        ? []
        : [finding('reason', wrong, { job: life.job, run: entry.id, at: entry.dueAt })]
    })
  })
}

function reasonOf(run: Run): Reason | null {
  return 'reason' in run ? run.reason : null
}

function whatIsWrong({ id, dueAt, madeAt, reason }: Entry, life: Life, runs: readonly Run[], reach: Reach) {
  const stretch = stretchAt(life, dueAt)
  if (stretch === null) return null
  const { policy } = stretch.draft
  const resumes = (policy?.onResume ?? 'skip') !== 'skip'
  if (stretch.paused === true && reason !== 'paused' && !resumes)
    return `was due while the job was paused, and yet is ${reason ?? 'a run'}`
  switch (reason) {
    case null:
      return null
    case 'paused':
      return stretch.paused === false ? 'says the job was paused, and it was not' : null
    case 'overlap':
      return runs.some((run) => run.id !== id && isOpenAround(run, dueAt, madeAt, reach.isDisturbed(dueAt)))
        ? null
        : 'says an earlier run was open, and none was'
    case 'job_deleted':
      return life.deletedAt === null ? 'says the job was deleted, and it was not' : null
    case 'superseded':
    case 'catch_up_limit':
    case 'too_late':
      return stretch.paused !== false || reach.isDisturbed(dueAt) || life.draft.policy?.overlap === 'replace'
        ? null
        : `was given up as ${reason} while nothing was wrong`
    default:
      return `has the reason ${reason}, which nothing here can give`
  }
}

/** An end has its moment, and is there for others a little later; where everything is slow, a good while later. */
const SEEN_AFTER_MS = 250
const SEEN_AFTER_DISTURBED_MS = 5_000

/** It was due before, and had not ended by then as far as others could see. */
function isOpenAround(run: Run, dueAt: number, madeAt: number, disturbed: boolean): boolean {
  const seenAfter = disturbed ? SEEN_AFTER_DISTURBED_MS : SEEN_AFTER_MS
  // Planned late, it may find a run that began after it was due.
  const before = run.dueAt < dueAt || run.createdAt < madeAt
  return before && (!('finishedAt' in run) || run.finishedAt + seenAfter >= dueAt)
}
