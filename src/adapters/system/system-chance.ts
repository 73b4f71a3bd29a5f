// Chance from the operating system. Ids sort by time: 48 bits of milliseconds, then 80 of chance that grow
// within one millisecond, so that ids made together stay in order and inserts stay at the end of the index.

import { randomBytes } from 'node:crypto'
import type { Chance } from '../../ports/chance.ts'

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_DIGITS = 10
const CHANCE_DIGITS = 16

export function createSystemChance(now: () => number): Chance {
  let lastMs = -1
  let timeText = ''
  let digits: number[] = []

  const text = (): string => {
    // A clock stepped back must not make ids sort before their elders.
    const ms = Math.max(now(), lastMs)
    if (ms !== lastMs) {
      lastMs = ms
      timeText = timeDigits(ms)
      digits = Array.from(randomBytes(CHANCE_DIGITS), (byte) => byte & 31)
      digits[0]! &= 15
    } else {
      increment(digits)
    }
    let chance = ''
    for (const digit of digits) chance += DIGITS[digit]
    return timeText + chance
  }

  return {
    id: (prefix) => `${prefix}_${text()}`,
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
