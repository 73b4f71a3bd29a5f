// One project with very much to do does not hold up the others: each step takes from all in turn.

/** Takes up to `limit`, as evenly as there is, beginning behind whoever was served last. Returns who is last now. */
export function inTurn<Item>(
  projects: readonly number[],
  limit: number,
  last: number,
  take: (project: number, count: number) => readonly Item[],
): { readonly items: Item[]; readonly last: number } {
  const share = Math.max(1, Math.floor(limit / Math.max(1, projects.length)))
  const taken: (readonly Item[])[] = []
  let count = 0
  let served = last
  for (const project of turnOf(projects, last)) {
    if (count >= limit) break
    const items = take(project, Math.min(share, limit - count))
    if (items.length === 0) continue
    taken.push(items)
    count += items.length
    served = project
  }
  return { items: interleaved(taken), last: served }
}

/** Who comes first, when `last` was served last. */
export function turnOf(projects: readonly number[], last: number): number[] {
  const later = projects.filter((project) => project > last)
  return [...later, ...projects.filter((project) => project <= last)]
}

/** The first of each, then the second of each: should not all find room, it is shared too. */
function interleaved<Item>(lists: readonly (readonly Item[])[]): Item[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  const items: Item[] = []
  for (let n = 0; n < longest; n += 1) {
    for (const list of lists) if (n < list.length) items.push(list[n]!)
  }
  return items
}

/** What the shares left over goes to the oldest that have none yet. */
export function filledUp<Item>(
  items: readonly Item[],
  oldest: readonly Item[],
  limit: number,
  noOf: (item: Item) => number,
): Item[] {
  const taken = new Set(items.map(noOf))
  return [...items, ...oldest.filter((item) => !taken.has(noOf(item)))].slice(0, limit)
}
