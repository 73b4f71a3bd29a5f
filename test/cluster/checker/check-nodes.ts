// Each process works under an identity of its own, and did what it was told.

import type { NodeStart } from './history.ts'
import type { Indexed } from './indexed.ts'
import { type Finding, finding } from './verdict.ts'

export function checkNodes({ starts, incidents }: Indexed): Finding[] {
  return [
    ...shared(starts),
    ...incidents.map(({ node, at, says }) => finding('process', `${node} ${says}`, { at })),
  ]
}

function shared(starts: readonly NodeStart[]): Finding[] {
  const seen = new Map<string, string>()
  return starts.flatMap(({ node, nodeId, at }) => {
    const before = seen.get(nodeId)
    seen.set(nodeId, node)
    if (before === undefined) return []
    return [finding('nodes', `${node} began under ${nodeId}, as ${before} had before it`, { at })]
  })
}
