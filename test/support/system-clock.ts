// The clock of this machine, for tests that speak to real sockets.

import { type Clock, TIMER_MAX_MS } from '../../src/ports/clock.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, TIMER_MAX_MS))
    return () => clearTimeout(timer)
  },
}
