import assert from 'node:assert/strict'
import test from 'node:test'
import { type Clock, TIMER_MAX_MS } from '../ports/clock.ts'
import { Deadlines, type Expirable } from './deadlines.ts'

class HandClock implements Clock {
  time = 0
  armed: { at: number; ring: () => void } | null = null
  arms = 0

  now = () => this.time
  monotonic = () => this.time

  after(ms: number, ring: () => void): () => void {
    assert.equal(this.armed, null, 'one timer at a time')
    this.arms += 1
    const timer = { at: this.time + Math.min(ms, TIMER_MAX_MS), ring }
    this.armed = timer
    return () => {
      if (this.armed === timer) this.armed = null
    }
  }

  advance(ms: number): void {
    const end = this.time + ms
    while (this.armed !== null && this.armed.at <= end) {
      const { at, ring } = this.armed
      this.armed = null
      this.time = at
      ring()
    }
    this.time = end
  }
}

function item(deadlineAt: number, expire: () => void = () => {}): Expirable {
  return { deadlineAt, deadlineSlot: -1, expire }
}

test('every item expires at its time, in order, those taken out never', () => {
  const clock = new HandClock()
  const deadlines = new Deadlines(clock)
  const rung: number[] = []
  const late: number[] = []
  let seed = 42
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed / 2_147_483_648
  }
  const items = Array.from({ length: 2_000 }, () => {
    const at = Math.floor(random() * 200_000)
    const made: Expirable = item(at, () => {
      rung.push(at)
      late.push(clock.time - at)
    })
    deadlines.add(made)
    return made
  })
  const removed = items.filter(() => random() < 0.5)
  for (const each of removed) deadlines.remove(each)
  clock.advance(200_000)
  const expected = items
    .filter((each) => !removed.includes(each))
    .map((each) => each.deadlineAt)
    .sort((one, other) => one - other)
  assert.deepEqual(rung, expected)
  assert.equal(Math.max(...late), 0)
  assert.equal(clock.armed, null)
})

test('a wait longer than the longest timer is armed again and ends on time', () => {
  const clock = new HandClock()
  const deadlines = new Deadlines(clock)
  let rungAt = -1
  deadlines.add(
    item(150_000, () => {
      rungAt = clock.time
    }),
  )
  clock.advance(149_999)
  assert.equal(rungAt, -1)
  clock.advance(1)
  assert.equal(rungAt, 150_000)
})

test('twenty thousand items of one timeout share a handful of timers', () => {
  const clock = new HandClock()
  const deadlines = new Deadlines(clock)
  for (let n = 0; n < 20_000; n += 1) deadlines.add(item(30_000 + n))
  assert.equal(clock.arms, 1)
})

test('nothing to wait for leaves no timer', () => {
  const clock = new HandClock()
  const deadlines = new Deadlines(clock)
  const one = item(10)
  deadlines.add(one)
  assert.notEqual(clock.armed, null)
  deadlines.remove(one)
  deadlines.remove(one)
  assert.equal(clock.armed, null)
})

test('an item that expires may add another', () => {
  const clock = new HandClock()
  const deadlines = new Deadlines(clock)
  const rung: number[] = []
  deadlines.add(
    item(10, () => {
      rung.push(clock.time)
      deadlines.add(item(15, () => rung.push(clock.time)))
    }),
  )
  clock.advance(100)
  assert.deepEqual(rung, [10, 15])
})
