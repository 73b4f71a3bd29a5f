import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Entry, mergePage } from '../../src/adapters/sqlite/merge.ts'

const LIMIT = 3
const ascending = (a: number, b: number): number => a - b

/** Multiples of `step` above `after`, of which `matches` are wanted; counts what is read of it. */
function* numbers(
  step: number,
  after: number,
  matches: (n: number) => boolean,
  reads: { count: number },
): Iterable<Entry<number>> {
  for (let key = Math.floor(after / step) * step + step; key <= 60_000; key += step) {
    reads.count += 1
    yield { key, matches: matches(key) }
  }
}

function walk(
  steps: readonly number[],
  matches: (n: number) => boolean,
): { keys: number[]; readsMax: number } {
  const keys: number[] = []
  let after: number | null = 0
  let readsMax = 0
  while (after !== null) {
    const from: number = after
    const reads = { count: 0 }
    const page = mergePage(
      steps.map((step) => numbers(step, from, matches, reads)),
      ascending,
      LIMIT,
    )
    assert.ok(page.keys.length <= LIMIT)
    assert.ok(page.next === null || page.next > from, 'each page leads on')
    keys.push(...page.keys)
    readsMax = Math.max(readsMax, reads.count)
    after = page.next
  }
  return { keys, readsMax }
}

function expected(steps: readonly number[], matches: (n: number) => boolean): number[] {
  const all = steps.flatMap((step) => Array.from({ length: 60_000 / step }, (_, n) => (n + 1) * step))
  return all.filter(matches).sort(ascending)
}

test('streams of one page are merged in order, whatever their density', () => {
  const matches = (n: number): boolean => n <= 300
  for (const steps of [[7], [100, 3_000], [2_999, 100, 101], [30, 30.5, 45, 60]]) {
    assert.deepEqual(walk(steps, matches).keys, expected(steps, matches))
  }
})

test('a rare match is found by a few pages of bounded work, none missed, none twice', () => {
  const rare = (n: number): boolean => n % 7_919 === 0 || n > 59_990
  for (const steps of [[1], [2, 3], [1, 4, 997], [977, 1]]) {
    const { keys, readsMax } = walk(steps, rare)
    assert.deepEqual(keys, expected(steps, rare))
    assert.ok(readsMax <= 10_000 + steps.length, `${readsMax} rows read for one page`)
  }
})
