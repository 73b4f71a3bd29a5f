import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inShares, inTurn } from './fair-share.ts'

/** Takes from what each has, and remembers who was asked for how much. */
function store(has: Record<number, number>) {
  const take = (project: number, count: number): string[] => {
    const items = Array.from({ length: Math.min(count, has[project] ?? 0) }, (_, n) => `${project}.${n}`)
    has[project] = (has[project] ?? 0) - items.length
    return items
  }
  return { take, projects: Object.keys(has).map(Number) }
}

test('all get the same, whoever has more, and one after the other', () => {
  const { projects, take } = store({ 1: 100_000, 2: 2, 3: 9 })
  const { items } = inTurn(projects, 9, 0, take)
  assert.deepEqual(items, ['1.0', '2.0', '3.0', '1.1', '2.1', '3.1', '1.2', '3.2'])
})

test('with room for fewer than there are, those who were not served come next', () => {
  const { projects, take } = store({ 1: 9, 2: 9, 3: 9 })
  const first = inTurn(projects, 2, 0, take)
  assert.deepEqual([first.items, first.last], [['1.0', '2.0'], 2])
  const second = inTurn(projects, 2, first.last, take)
  assert.deepEqual([second.items, second.last], [['3.0', '1.0'], 1])
})

test('whoever has nothing does not use up a turn; nothing at all is nothing', () => {
  const { take } = store({ 5: 1 })
  assert.deepEqual(inTurn([4, 5, 6], 1, 0, take).items, ['5.0'])
  assert.deepEqual(inTurn([4, 5, 6], 1, 0, take).items, [])
})

test('a room is shared among the queues of a project, the one that waits longest first', () => {
  const queue = (projectNo: number, readyAt: number) => ({ projectNo, readyAt })
  const shares = inShares([queue(1, 30), queue(2, 20), queue(1, 10), queue(1, 40)])
  assert.deepEqual(
    shares.map(({ queue: { projectNo, readyAt }, among }) => [projectNo, readyAt, among]),
    [
      [1, 10, 3],
      [2, 20, 1],
      [1, 30, 2],
      [1, 40, 1],
    ],
  )
})
