// Every kind of fault, once at least, in an order that leaves a healthy node beside each that is hit.

import type { Act } from './play.ts'

export const ALL_FAULTS: readonly Act[] = [
  ['kill'],
  ['stop', 'slow'],
  ['pause', 'cut'],
  ['stall'],
  ['half-open', 'clock'],
  ['one-way'],
  ['reset'],
  ['restart'],
  ['backend-kill'],
  ['store-restart'],
  ['failover'],
  ['store-kill'],
  ['kill'],
  ['all-down'],
]
