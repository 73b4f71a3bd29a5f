// Each process works under an identity of its own.

import type { Indexed } from './indexed.ts'
import { type Finding, finding } from './verdict.ts'

export function checkNodes({ starts }: Indexed): Finding[] {
  const seen = new Map<string, string>()
  return starts.flatMap(({ node, nodeId, at }) => {
    const before = seen.get(nodeId)
    seen.set(nodeId, node)
    if (before === undefined) return []
    return [finding('nodes', `${node} began under ${nodeId}, as ${before} had before it`, { at })]
  })
}
