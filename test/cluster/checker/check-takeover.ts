// Others take over what a node held when it was hit, and soon: nothing of it stays under way.

import type { Attempt } from '../../../src/domain/attempt.ts'
import type { Fault, FaultKind } from './history.ts'
import type { Indexed } from './indexed.ts'
import { reachOf } from './reach.ts'
import { type Finding, finding } from './verdict.ts'

export type Takeover = { readonly held: Attempt; readonly fault: Fault; readonly afterMs: number }

/** From these a node does not come back by itself before others have taken over. */
const FATAL: ReadonlySet<FaultKind> = new Set(['kill', 'stop', 'stall', 'cut', 'half-open', 'one-way'])

export function checkTakeover(history: Indexed): Finding[] {
  const reach = reachOf(history.faults, history.limits)
  return heldWhenHit(history).flatMap(({ held, fault, afterMs }) => {
    if (fault.from + afterMs <= reach.deadline(fault.from)) return []
    const says = `attempt ${held.number} was under way for ${afterMs} ms after ${fault.node} was hit (${fault.kind})`
    return [finding('takeover', says, { run: held.runId, at: fault.from })]
  })
}

/** How long after their node was hit attempts were given up for lost. */
export function takeoversOf(history: Indexed): Takeover[] {
  return heldWhenHit(history).filter(({ held }) => held.outcome === 'lost')
}

function heldWhenHit({ book, faults, starts }: Indexed): Takeover[] {
  const nodeOf = new Map(starts.map(({ nodeId, node }) => [nodeId, node]))
  return book.attempts.flatMap((held) => {
    const node = nodeOf.get(held.nodeId)
    const endedAt = held.endedAt ?? book.readAt
    const fault = faults.find(
      (one) => one.node === node && FATAL.has(one.kind) && one.from >= held.startedAt && one.from <= endedAt,
    )
    return fault === undefined ? [] : [{ held, fault, afterMs: endedAt - fault.from }]
  })
}
