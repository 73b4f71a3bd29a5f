// Where in a YAML text something stands. Loaded with the reader of YAML.

import { isMap, isNode, isScalar, isSeq, type ParsedNode } from 'yaml'
import { stepsOf } from './json-pointer.ts'

/** The offset of its key or item; where it is missing, that of what it is missing in. */
export function placeOf(contents: ParsedNode | null, pointer: string): number {
  let node: unknown = contents
  let place = contents?.range[0] ?? 0
  for (const step of stepsOf(pointer)) {
    let at: unknown
    let next: unknown
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step)
      at = pair?.key
      next = pair?.value
    } else if (isSeq(node)) {
      at = node.items[Number(step)]
      next = at
    }
    if (!isNode(at)) break
    place = at.range?.[0] ?? place
    node = next
  }
  return place
}
