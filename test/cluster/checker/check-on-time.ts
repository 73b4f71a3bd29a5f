// The blind check: what rang against what was owed, by time alone. Labels are not looked at, so a ring that names the
// wrong instant, or a book that agrees with itself and with nothing else, is found.

import { isFinal, type Run } from '../../../src/domain/run.ts'
import type { Indexed } from './indexed.ts'
import type { Life } from './life.ts'
import { matchWindows, type Window } from './match-windows.ts'
import { type Reach, reachOf } from './reach.ts'
import { type Finding, finding, instant } from './verdict.ts'

export function checkOnTime(history: Indexed): Finding[] {
  const reach = reachOf(history.faults, history.limits)
  return history.lives.flatMap((life) => {
    if (life.draft.policy?.keep !== undefined) return []
    const { windows, spare } = windowsOf(life, history, reach)
    const { unmet, extra } = matchWindows(
      windows,
      history.ringsOf(life.job).map(({ at }) => at),
    )
    const findings = unmet.map(({ from, to }) => {
      const says = `was owed and nothing rang for it up to ${instant(to)}`
      return finding('on-time', says, { job: life.job, at: from })
    })
    if (extra.length > spare) {
      const says = `${extra.length} rings belong to no instant, ${spare} further attempts explain them`
      findings.push(finding('on-time', says, { job: life.job, at: extra[0]! }))
    }
    return findings
  })
}

/** Where the book says that something ran there was a time to ring; and how many rings there may be besides. */
function windowsOf(life: Life, history: Indexed, reach: Reach): { windows: Window[]; spare: number } {
  const windows: Window[] = []
  let spare = 0
  let queueFrom = Number.NEGATIVE_INFINITY
  const runs = history.runsOf(life).toSorted((a, b) => a.dueAt - b.dueAt)
  for (const run of runs) {
    const behind = queueFrom
    if ('finishedAt' in run) queueFrom = Math.max(queueFrom, run.finishedAt)
    if (run.trigger !== 'schedule' || isDoubtful(run)) {
      spare += run.attempts
      continue
    }
    if (run.attempts === 0) continue
    spare += run.attempts - 1
    const from = run.dueAt
    // Behind another run of its job it may wait until that one has ended.
    const to = reach.deadline(Math.max(life.createdAt, awakeFrom(life, from), Math.min(behind, startOf(run))))
    windows.push({ from, to })
  }
  return { windows, spare }
}

/** What a pause covered is run when it ends, if at all. */
function awakeFrom({ stretches }: Life, dueAt: number): number {
  let at = dueAt
  for (const { after, through, paused } of stretches) {
    if (at > after && at <= through && paused !== false) at = through + 1
  }
  return Math.max(dueAt, at)
}

/** Only a run that waited for another is late without a fault: it began when that one had ended. */
function startOf(run: Run): number {
  return run.startedAt ?? run.dueAt
}

/** Nobody can say whether it rang. */
function isDoubtful(run: Run): boolean {
  return (
    run.status === 'unknown' || run.status === 'cancelled' || run.status === 'failed' || !isFinal(run.status)
  )
}
