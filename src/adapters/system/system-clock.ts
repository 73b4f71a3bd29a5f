// The machine's clock. The only place, with system-chance beside it, where the core's time comes from.

import { type Clock, TIMER_MAX_MS } from '../../ports/clock.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    // NaN, infinite and huge delays would fire at once; none would be worse than a bounded wait.
    const delay = ms >= 0 && ms <= TIMER_MAX_MS ? ms : ms < 0 ? 0 : TIMER_MAX_MS
    if (delay === 0) {
      const immediate = setImmediate(callback)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(callback, Math.ceil(delay))
    return () => clearTimeout(timer)
  },
}
