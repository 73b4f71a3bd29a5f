// Others take over what a node held when it was hit, and soon.

import type { Attempt } from '../../../src/domain/attempt.ts'
import type { Fault } from './history.ts'
import type { Indexed } from './indexed.ts'
import { reachOf } from './reach.ts'
import { type Finding, finding } from './verdict.ts'

export type Takeover = { readonly lost: Attempt; readonly fault: Fault; readonly afterMs: number }

export function checkTakeover(history: Indexed): Finding[] {
  const reach = reachOf(history.faults, history.limits)
  return takeoversOf(history).flatMap(({ lost, fault, afterMs }) => {
    if (fault.from + afterMs <= reach.deadline(fault.from)) return []
    const says = `attempt ${lost.number} was taken over ${afterMs} ms after ${fault.node} was hit (${fault.kind})`
    return [finding('takeover', says, { run: lost.runId, at: fault.from })]
  })
}

/** Lost attempts whose node was hit while they were under way, and how long after that they were given up. */
export function takeoversOf({ book, faults, starts }: Indexed): Takeover[] {
  const nodeOf = new Map(starts.map(({ nodeId, node }) => [nodeId, node]))
  return book.attempts.flatMap((lost) => {
    if (lost.outcome !== 'lost' || lost.endedAt === null) return []
    const node = nodeOf.get(lost.nodeId)
    const fault = faults.find(
      (one) => one.node === node && one.from >= lost.startedAt && one.from <= lost.endedAt!,
    )
    return fault === undefined ? [] : [{ lost, fault, afterMs: lost.endedAt - fault.from }]
  })
}
