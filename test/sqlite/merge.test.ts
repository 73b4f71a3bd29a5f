import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Entry, mergePage } from '../../src/adapters/sqlite/merge.ts'

const LIMIT = 3
const ascending = (a: number, b: number): number => a - b

/** Multiples of one number, wanted or not. No two streams share a key: the `nth` stream is a little off. */
type Multiples = { readonly step: number; readonly nth: number }
type Wanted = (n: number) => boolean

const LAST = 60_000

function keysOf({ step, nth }: Multiples): number[] {
  return Array.from({ length: LAST / step }, (_, n) => (n + 1) * step + nth / 1_000)
}

function* stream(
  keys: readonly number[],
  after: number,
  wanted: Wanted,
  reads: { count: number },
): Iterable<Entry<number>> {
  for (const key of keys) {
    if (key <= after) continue
    reads.count += 1
    yield { key, matches: wanted(Math.floor(key)) }
  }
}

function walk(steps: readonly number[], wanted: Wanted): { keys: number[]; readsMax: number } {
  const all = steps.map((step, nth) => keysOf({ step, nth }))
  const keys: number[] = []
  let after: number | null = 0
  let readsMax = 0
  while (after !== null) {
    const from: number = after
    const reads = { count: 0 }
    const page = mergePage(
      all.map((some) => stream(some, from, wanted, reads)),
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

function expected(steps: readonly number[], wanted: Wanted): number[] {
  const all = steps.flatMap((step, nth) => keysOf({ step, nth }))
  return all.filter((key) => wanted(Math.floor(key))).sort(ascending)
}

test('streams of one page are merged in order, whatever their density', () => {
  const matches = (n: number): boolean => n <= 300
  for (const steps of [[7], [100, 3_000], [2_999, 100, 101], [30, 30, 45, 60]]) {
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

test('what one stream has beyond the place another was left at waits for a later page', () => {
  const few = (n: number): boolean => n === 7_000 || n === 8_997
  for (const steps of [
    [2_999, 1],
    [1, 2_999],
  ]) {
    assert.deepEqual(walk(steps, few).keys, expected(steps, few))
  }
})
