// A secret for use on this machine, made before there is a server to make one.

import { createSystemChance } from '../adapters/system/system-chance.ts'
import { systemClock } from '../adapters/system/system-clock.ts'

const BYTES = 24

export function localSecret(): string {
  return createSystemChance(systemClock.now).hex(BYTES)
}
