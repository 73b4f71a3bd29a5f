// What one seed makes of a simulation: how many nodes, how they are set, which faults befall them. Each seed has some
// faults and not others, so that one kind does not hide another; one in twelve has none at all.

import type { LeaseTimes } from '../../src/engine/membership.ts'
import { Dice } from './dice.ts'

export const FAULTS = [
  'kill',
  'kill at a step',
  'kill all',
  'clean stop',
  'stall',
  'freeze',
  'freeze at a step',
  'cut one',
  'cut in turns',
  'store away',
  'slow store',
  'lost answers',
  'clock step',
  'node clock',
  'bad targets',
] as const

export type Fault = (typeof FAULTS)[number]

export type SimOptions = {
  readonly seed: number
  readonly hours: number
  readonly nodes: number
  readonly jobs: number
  readonly clients: number
  readonly pollMs: number
  readonly lease: LeaseTimes
  readonly slots: number
  readonly plannerBatch: number
  /** Milliseconds to the store and back, from and to; null: none. */
  readonly latency: readonly [number, number] | null
  readonly faults: readonly Fault[]
  /** Mean time between two faults. */
  readonly faultEveryMs: number
}

export type Wanted = {
  readonly seed: number
  readonly hours?: number
  readonly nodes?: number | undefined
  /** In place of what the seed would have drawn. */
  readonly set?: Partial<Pick<SimOptions, 'faults' | 'faultEveryMs' | 'latency' | 'slots' | 'jobs'>>
}

export function optionsOf({ seed, hours = 1, nodes, set = {} }: Wanted): SimOptions {
  const dice = new Dice(seed, 'options')
  const calm = seed % 12 === 0
  const ttlMs = dice.pick([6_000, 6_000, 10_000, 3_000])
  const drawn: SimOptions = {
    seed,
    hours,
    nodes: dice.pick([1, 2, 3, 3, 3, 4, 5]),
    jobs: dice.int(4, 10),
    clients: dice.int(1, 3),
    pollMs: dice.pick([1_000, 5_000, 5_000, 5_000, 5_000, 5_000, 15_000, 15_000]),
    lease: { ttlMs, renewEveryMs: Math.round(ttlMs / 3), marginMs: Math.round(ttlMs / 6) },
    slots: dice.pick([1, 3, 8, 64, 64, 64]),
    plannerBatch: dice.pick([1, 3, 500]),
    latency: dice.pick([null, [0.2, 3], [0.2, 3], [1, 60]]),
    faults: calm ? [] : dice.shuffled(FAULTS).slice(0, dice.int(2, FAULTS.length)),
    faultEveryMs: dice.pick([15_000, 40_000, 120_000]),
  }
  return { ...drawn, ...(nodes === undefined ? {} : { nodes }), ...set }
}
