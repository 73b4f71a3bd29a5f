// Chance from the operating system. Ids sort by time: 48 bits of milliseconds, then 80 of chance that grow
// within one millisecond, so that ids made together stay in order and inserts stay at the end of the index.

import { randomBytes } from 'node:crypto'
import type { Chance } from '../../ports/chance.ts'

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_DIGITS = 10
/** All that grow but the last two, which are written from a table: thousands of ids may be made within a millisecond. */
const HIGH_DIGITS = 14
const CHANCE_BYTES = HIGH_DIGITS + 2
/** Asked of the system for so many ids at once: each asking costs as much as twenty ids. */
const POOL_BYTES = 256 * CHANCE_BYTES
const PAIRS = [...DIGITS].flatMap((one) => [...DIGITS].map((other) => one + other))

export function createSystemChance(now: () => number): Chance {
  let lastMs = -1
  let timeText = ''
  /** The time, and the high digits of the chance. */
  let stem = ''
  let high: number[] = []
  let pair = 0
  let pool = Buffer.alloc(0)
  let taken = 0

  const fresh = (): Buffer => {
    if (taken === pool.length) {
      pool = randomBytes(POOL_BYTES)
      taken = 0
    }
    taken += CHANCE_BYTES
    return pool.subarray(taken - CHANCE_BYTES, taken)
  }

  const next = (): void => {
    // A clock stepped back must not make ids sort before their elders.
    const ms = Math.max(now(), lastMs)
    if (ms !== lastMs) {
      lastMs = ms
      timeText = timeDigits(ms)
      const bytes = fresh()
      high = Array.from(bytes.subarray(2), (byte) => byte & 31)
      high[0]! &= 15
      pair = bytes.readUInt16LE(0) % PAIRS.length
    } else {
      pair += 1
      if (pair < PAIRS.length) return
      pair = 0
      increment(high)
    }
    stem = timeText + high.map((digit) => DIGITS[digit]).join('')
  }

  return {
    id(prefix) {
      next()
      return `${prefix}_${stem}${PAIRS[pair]}`
    },
    random: () => Math.random(),
    hex: (bytes) => randomBytes(bytes).toString('hex'),
  }
}

function timeDigits(ms: number): string {
  let text = ''
  for (let rest = ms, n = 0; n < TIME_DIGITS; n += 1, rest = Math.floor(rest / 32))
    text = DIGITS[rest % 32] + text
  return text
}

function increment(digits: number[]): void {
  for (let place = digits.length - 1; place >= 0; place -= 1) {
    if (digits[place]! < 31) {
      digits[place]! += 1
      return
    }
    digits[place] = 0
  }
}
