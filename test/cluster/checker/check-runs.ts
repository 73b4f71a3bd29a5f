// Each run by itself: it has ended, its attempts follow each other, and its end is that of its last attempt.

import type { Attempt } from '../../../src/domain/attempt.ts'
import { isFinal, type Run } from '../../../src/domain/run.ts'
import type { Indexed } from './indexed.ts'
import { type Finding, finding, instant, type Where } from './verdict.ts'

export function checkRuns(history: Indexed): Finding[] {
  return history.book.runs.flatMap((run) => {
    const attempts = history.attemptsOf(run.id)
    const where = { job: run.jobName, run: run.id, at: run.dueAt }
    return [...hasEnded(run, attempts, where), ...leases(run, attempts, where)]
  })
}

function hasEnded(run: Run, attempts: readonly Attempt[], where: Where): Finding[] {
  if (!isFinal(run.status)) return [finding('ended', `is ${run.status} still`, where)]
  const last = attempts.at(-1)
  if (run.status === 'succeeded' && last?.outcome !== 'ok')
    return [finding('ended', `succeeded, though its last attempt is ${last?.outcome ?? 'none'}`, where)]
  const ok = attempts.find(({ outcome }) => outcome === 'ok')
  if (ok !== undefined && run.status !== 'succeeded')
    return [finding('ended', `is ${run.status}, though attempt ${ok.number} was ok`, where)]
  return []
}

function leases(run: Run, attempts: readonly Attempt[], where: Where): Finding[] {
  const found: Finding[] = []
  const fault = (says: string): void => {
    found.push(finding('lease', says, where))
  }
  if (attempts.length !== run.attempts)
    fault(`has begun ${run.attempts} attempts, the book holds ${attempts.length}`)
  for (const [n, attempt] of attempts.entries()) {
    const before = attempts[n - 1]
    if (attempt.number !== n + 1) fault(`attempt ${n + 1} has the number ${attempt.number}`)
    if (attempt.fence > run.fence) fault(`attempt ${attempt.number} has a fence beyond the run's`)
    if (attempt.endedAt === null && isFinal(run.status)) fault(`attempt ${attempt.number} never ended`)
    if (attempt.endedAt !== null && attempt.endedAt < attempt.startedAt)
      fault(`attempt ${attempt.number} ended before it began`)
    if (before === undefined) continue
    if (attempt.fence <= before.fence) fault(`the fence of attempt ${attempt.number} did not grow`)
    if (before.endedAt === null || before.endedAt > attempt.startedAt)
      fault(
        `attempt ${attempt.number} began ${instant(attempt.startedAt)}, before attempt ${before.number} had ended`,
      )
  }
  return found
}
