// Against a matching by augmenting paths, which needs no idea of order, over random windows and points.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Random } from '../../schedule/random.ts'
import { matchWindows, type Window } from './match-windows.ts'

/** As many windows as can be filled at all. */
function mostFilled(windows: readonly Window[], points: readonly number[]): number {
  const takenBy = new Map<number, number>()
  const fill = (window: number, tried: Set<number>): boolean => {
    for (const [point, at] of points.entries()) {
      const { from, to } = windows[window]!
      if (at < from || at > to || tried.has(point)) continue
      tried.add(point)
      const other = takenBy.get(point)
      if (other !== undefined && !fill(other, tried)) continue
      takenBy.set(point, window)
      return true
    }
    return false
  }
  return windows.filter((_, window) => fill(window, new Set())).length
}

test('fills as many windows as can be filled, 20,000 random cases', () => {
  const random = new Random(7)
  for (let round = 0; round < 20_000; round += 1) {
    const windows = Array.from({ length: random.integer(0, 6) }, () => {
      const from = random.integer(0, 20)
      return { from, to: from + random.integer(0, 8) }
    })
    const points = Array.from({ length: random.integer(0, 7) }, () => random.integer(0, 28))
    const { matched, unmet, extra } = matchWindows(windows, points)
    assert.equal(matched.length, mostFilled(windows, points), JSON.stringify({ windows, points }))
    assert.equal(matched.length + unmet.length, windows.length)
    assert.equal(matched.length + extra.length, points.length)
    assert.ok(matched.every(({ window, point }) => point >= window.from && point <= window.to))
  }
})

test('names what is unmet and what is extra', () => {
  const window = (from: number, to: number) => ({ from, to })
  const { unmet, extra } = matchWindows([window(0, 5), window(10, 15), window(20, 25)], [1, 2, 21, 30])
  assert.deepEqual(unmet, [window(10, 15)])
  assert.deepEqual(extra, [2, 30])
})
