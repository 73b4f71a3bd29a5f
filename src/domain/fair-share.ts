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

export type Head = { readonly projectNo: number; readonly readyAt: number }

/** Queues that share the room of their project, with a part of it for each: whose first has waited longest comes first. */
export function inShares<Queue extends Head>(
  queues: readonly Queue[],
): { readonly queue: Queue; readonly among: number }[] {
  const left = new Map<number, number>()
  for (const { projectNo } of queues) left.set(projectNo, (left.get(projectNo) ?? 0) + 1)
  return queues
    .toSorted((a, b) => a.readyAt - b.readyAt)
    .map((queue) => {
      const among = left.get(queue.projectNo)!
      left.set(queue.projectNo, among - 1)
      return { queue, among }
    })
}
