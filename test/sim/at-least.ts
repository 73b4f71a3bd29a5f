// What a hundred seeds have to come by at least. Far below what they do; zero would mean that a fault is not injected
// any more, or that a part of the product is not reached.

import type { Coverage } from './coverage.ts'

const PER_HUNDRED_SEEDS: Readonly<Record<string, number>> = {
  entries: 20_000,
  'instants in gaps': 1_000,
  arrivals: 20_000,
  'attempts lost': 200,
  'runs taken over': 200,
  'leases lapsed': 100,
  'reports that came too late': 50,
  'runs late': 100,
  'runs queued': 100,
  'runs replaced': 20,
  'runs missed': 50,
  'runs skipped': 100,
  'runs cancelled': 50,
  'runs failed': 200,
  'runs unknown': 20,
  'answers of the store lost': 50,
  'steps that did not reach the store': 1_000,
  'answers to clients lost': 50,
  'requests answered from memory': 100,
  'requests unanswered': 50,
  'requests doubled': 100,
  'callbacks doubled': 20,
  'callbacks dead': 10,
  'clock stepped forward': 20,
  'clock stepped back': 20,
  'killed before a step': 20,
  'killed after a step': 20,
  'fault: kill': 50,
  'fault: kill all': 50,
  'fault: clean stop': 50,
  'fault: stall': 50,
  'fault: freeze': 50,
  'fault: freeze at a step': 50,
  'fault: cut one': 50,
  'fault: cut in turns': 50,
  'fault: store away': 50,
  'fault: slow store': 50,
  'fault: node clock': 50,
}

/** One line for everything that came up too seldom. */
export function tooSeldom(coverage: Coverage): string[] {
  return Object.entries(PER_HUNDRED_SEEDS)
    .filter(([what, least]) => coverage.of(what) < least)
    .map(([what, least]) => `${what}: ${coverage.of(what)}, at least ${least} were to be`)
}
