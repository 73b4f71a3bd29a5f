// Which points fill which windows? Windows on a line are matched best by taking, for each point in turn, the open
// window that closes first: if any matching fills all windows, this one does.

export type Window = { readonly from: number; readonly to: number }

export type Matching<W extends Window> = {
  readonly matched: readonly { readonly window: W; readonly point: number }[]
  readonly unmet: readonly W[]
  readonly extra: readonly number[]
}

export function matchWindows<W extends Window>(
  windows: readonly W[],
  points: readonly number[],
): Matching<W> {
  const coming = windows.toSorted((a, b) => a.from - b.from)
  const open = new ByDeadline<W>()
  const matched: { window: W; point: number }[] = []
  const unmet: W[] = []
  const extra: number[] = []
  let next = 0
  for (const point of points.toSorted((a, b) => a - b)) {
    while (next < coming.length && coming[next]!.from <= point) open.add(coming[next++]!)
    while (open.first !== undefined && open.first.to < point) unmet.push(open.take()!)
    const window = open.take()
    if (window === undefined) extra.push(point)
    else matched.push({ window, point })
  }
  for (let left = open.take(); left !== undefined; left = open.take()) unmet.push(left)
  return { matched, unmet: [...unmet, ...coming.slice(next)], extra }
}

/** A binary heap: the window that closes first is on top. */
class ByDeadline<W extends Window> {
  readonly #heap: W[] = []

  get first(): W | undefined {
    return this.#heap[0]
  }

  add(window: W): void {
    const heap = this.#heap
    let place = heap.push(window) - 1
    while (place > 0) {
      const above = (place - 1) >> 1
      if (heap[above]!.to <= window.to) break
      heap[place] = heap[above]!
      place = above
    }
    heap[place] = window
  }

  take(): W | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return top
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && heap[below + 1]!.to < heap[below]!.to) below += 1
      if (last.to <= heap[below]!.to) break
      heap[place] = heap[below]!
      place = below
    }
    heap[place] = last
    return top
  }
}
