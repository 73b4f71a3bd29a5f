// One page out of many ordered streams (a project each, a status each), each read through an index. The work of a
// page is bounded: a filter that matches little gives a short page and the place to go on, never a long wait.

export type Entry<Key> = { readonly key: Key; readonly matches: boolean }

export type Merged<Key> = { readonly keys: readonly Key[]; readonly next: Key | null }

const ROWS_READ_MAX = 10_000
const ROWS_READ_MIN = 100

/** `streams` are read one after the other; each yields its entries in the order of `compare`. */
export function mergePage<Key>(
  streams: readonly Iterable<Entry<Key>>[],
  compare: (a: Key, b: Key) => number,
  limit: number,
): Merged<Key> {
  const perStream = Math.max(ROWS_READ_MIN, Math.floor(ROWS_READ_MAX / Math.max(1, streams.length)))
  let found: Key[] = []
  /** Everything up to here has been seen in each stream; beyond it, perhaps not. */
  let seenUpTo: Key | null = null
  for (const stream of streams) {
    const mine: Key[] = []
    let read = 0
    for (const { key, matches } of stream) {
      if (seenUpTo !== null && compare(key, seenUpTo) > 0) break
      if (matches) mine.push(key)
      if (found.length > limit && compare(key, found[limit]!) > 0) break
      if (mine.length > limit) break
      read += 1
      if (read === perStream) {
        seenUpTo = key
        break
      }
    }
    if (mine.length > 0) found = [...found, ...mine].sort(compare).slice(0, limit + 1)
  }
  const bound = seenUpTo
  if (bound !== null) found = found.filter((key) => compare(key, bound) <= 0)
  if (found.length > limit) return { keys: found.slice(0, limit), next: found[limit - 1]! }
  return { keys: found, next: bound }
}
