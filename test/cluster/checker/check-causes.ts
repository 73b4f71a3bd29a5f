// Why there was a further attempt: the cause in the book follows from how the one before ended, and where an attempt
// was lost, something is known to have hit its node or the store.

import type { Attempt } from '../../../src/domain/attempt.ts'
import type { Indexed } from './indexed.ts'
import { reachOf } from './reach.ts'
import { type Finding, finding } from './verdict.ts'

export function checkCauses(history: Indexed): Finding[] {
  const { faults, limits, starts, book } = history
  const reach = reachOf(faults, limits)
  const nodeOf = new Map(starts.map(({ nodeId, node }) => [nodeId, node]))
  return book.runs.flatMap((run) => {
    const attempts = history.attemptsOf(run.id)
    const where = { job: run.jobName, run: run.id }
    return attempts.flatMap((attempt, n) => {
      const { number, cause, startedAt, endedAt, nodeId } = attempt
      const found: Finding[] = []
      if (!followsFrom(attempt, attempts[n - 1]))
        found.push(finding('explained', `attempt ${number} says ${cause}`, { ...where, at: startedAt }))
      const node = nodeOf.get(nodeId) ?? null
      if (attempt.outcome === 'lost' && !reach.hit(node, startedAt, endedAt ?? book.readAt))
        found.push(
          finding('explained', `attempt ${number} was lost on ${node ?? nodeId}, and nothing had hit it`, {
            ...where,
            at: startedAt,
          }),
        )
      return found
    })
  })
}

function followsFrom({ cause }: Attempt, before: Attempt | undefined): boolean {
  if (before === undefined) return cause === 'first'
  if (cause === 'node_lost' || cause === 'lease_expired') return before.outcome === 'lost'
  if (cause === 'refused') return before.outcome === 'refused'
  return cause === 'retry_policy' && (before.outcome === 'error' || before.outcome === 'timeout')
}
