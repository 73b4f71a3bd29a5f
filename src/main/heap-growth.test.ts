import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HandClock } from '../../test/support/hand-clock.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import { HeapGrowth, roomMibOf, watchHeapGrowth } from './heap-growth.ts'

const CALM = '--heap-growing-percent=35'
const AT_WORK = '--heap-growing-percent=0'
const settled = async (): Promise<void> => {}

test('a server that waits clears old garbage early; one at work does as V8 sees fit, and for a while after', async () => {
  const clock = new HandClock(0)
  const flags: string[] = []
  using growth = new HeapGrowth(clock, (flag) => void flags.push(flag), 8)
  const cleared = (times: number, apartMs: number): void => {
    for (let n = 0; n < times; n += 1) growth.cleared(clock.monotonic() + n * apartMs)
  }
  cleared(100, 120)
  assert.deepEqual(flags, [CALM], 'eight times a second is no work')

  await clock.advance(60_000, settled)
  cleared(11, 90)
  assert.deepEqual(flags, [CALM, AT_WORK])

  await clock.advance(29_000, settled)
  cleared(11, 90)
  await clock.advance(29_000, settled)
  assert.deepEqual(flags, [CALM, AT_WORK], 'there was more work meanwhile')
  await clock.advance(1_000, settled)
  assert.deepEqual(flags, [CALM, AT_WORK, CALM])
  cleared(11, 90)
  assert.deepEqual(flags, [CALM, AT_WORK, CALM, AT_WORK])
})

test('what counts is how much is cleared, not how often', () => {
  for (const [words, times] of [
    [[], 5],
    [['--max-semi-space-size=8'], 10],
    [['--max_semi_space_size=4', '--max-semi-space-size=64'], 2],
  ] as const) {
    const flags: string[] = []
    using growth = new HeapGrowth(new HandClock(0), (flag) => void flags.push(flag), roomMibOf(words))
    for (let n = 0; n < times; n += 1) growth.cleared(n)
    assert.deepEqual(flags, [CALM])
    growth.cleared(times)
    assert.deepEqual(flags, [CALM, AT_WORK])
  }
})

test('what this process clears is seen', async () => {
  const atWork = Promise.withResolvers<void>()
  using _ = watchHeapGrowth([], systemClock, (flag) => flag === AT_WORK && atWork.resolve())
  let ended = false
  void atWork.promise.then(() => {
    ended = true
  })
  // Nothing of it is kept, so that it is young garbage all of it.
  for (let bytes = 0; !ended && bytes < 32e9; bytes += 8_000) {
    new Array(1_000).fill(bytes)
    if (bytes % 8_000_000 === 0) await new Promise((resolve) => systemClock.after(0, () => resolve(null)))
  }
  assert.ok(ended)
})

test('whoever has said how V8 is to do it is heard', () => {
  for (const said of ['--heap-growing-percent=80', '--heap_growing_percent=80', '--optimize-for-size']) {
    const flags: string[] = []
    using _ = watchHeapGrowth(['--stack-size=900', said], new HandClock(0), (flag) => void flags.push(flag))
    assert.deepEqual(flags, [])
  }
})
