// What a simulation has to know of the steps of a store: which only read, and where each is told the time.

import { READING_STEPS } from '../support/reading-steps.ts'

/** Steps that take `now` by position. Where it is not listed it stands in an object of options, or nowhere. */
const NOW_AT: Readonly<Record<string, number>> = {
  'runs.settle': 1,
  'runs.expire': 0,
  'runs.lost': 0,
  'runs.cancel': 1,
  'outbox.redeliver': 1,
  'nodes.register': 1,
  'nodes.renew': 1,
  'nodes.leave': 1,
}

export function isRead(name: string): boolean {
  return READING_STEPS.has(name.slice(name.indexOf('.') + 1))
}

/** A database of a cluster goes by its own clock, whatever time a node believes it is. */
export function withStoreTime(name: string, args: readonly unknown[], now: number): readonly unknown[] {
  const position = NOW_AT[name]
  if (position !== undefined) return args.map((arg, n) => (n === position ? now : arg))
  return args.map((arg) => (isOptions(arg) ? { ...arg, now } : arg))
}

function isOptions(arg: unknown): arg is { now: number } {
  return typeof arg === 'object' && arg !== null && 'now' in arg && typeof arg.now === 'number'
}
