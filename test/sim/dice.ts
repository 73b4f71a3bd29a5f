// Chance from one seed. Every part of a simulation throws dice of its own, so that one part that throws once more does
// not change what befalls the others.

import type { Chance } from '../../src/ports/chance.ts'

export class Dice {
  #state: number

  constructor(seed: number, part: string) {
    this.#state = (Math.imul(seed | 0, 2_654_435_761) ^ hash(part)) >>> 0
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number, both ends included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  chance(of: number): boolean {
    return this.next() < of
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.int(0, items.length - 1)]!
  }

  /** By weight: `{ often: 5, seldom: 1 }`. */
  weighed<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(weights) as [Name, number][]
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [name, weight] of entries) {
      left -= weight
      if (left < 0) return name
    }
    return entries.at(-1)![0]
  }

  /** Whole milliseconds, as likely between 1 and 10 as between 1,000 and 10,000. */
  ms(from: number, to: number): number {
    return Math.round(from * (to / from) ** this.next())
  }

  /** Waits of a process without memory. */
  wait(meanMs: number): number {
    return Math.ceil(-Math.log(1 - this.next()) * meanMs)
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    const left = [...items]
    return items.map(() => left.splice(this.int(0, left.length - 1), 1)[0]!)
  }
}

/** As the product wants it: ids that grow and never repeat. */
export function chanceOf(dice: Dice): Chance {
  let count = 0
  const next = (): string => {
    count += 1
    return String(count).padStart(26, '0')
  }
  return {
    id: (prefix) => `${prefix}_${next()}`,
    random: () => dice.next(),
    hex: (bytes) => next().slice(-2 * bytes),
  }
}

function hash(text: string): number {
  let sum = 0x811c9dc5
  for (let n = 0; n < text.length; n += 1) sum = Math.imul(sum ^ text.charCodeAt(n), 0x01000193)
  return sum
}
