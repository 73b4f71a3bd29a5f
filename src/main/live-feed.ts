// Live events for one watcher at a time: what it missed, then what comes, in a queue with a bound. A watcher who
// reads too slowly is let go; it comes back with its last id.

import type { EventHub, NumberedEvent } from '../adapters/system/event-hub.ts'

/** Events waiting for one watcher. */
export const FEED_QUEUE_MAX = 20_000

export async function* liveFeed(
  hub: EventHub,
  afterId: string | null,
  signal: AbortSignal,
): AsyncGenerator<NumberedEvent[], void> {
  let queue: NumberedEvent[] = []
  let wake: (() => void) | null = null
  const stop = hub.listen((events) => {
    queue.push(...events)
    wake?.()
  })
  const onAbort = (): void => wake?.()
  signal.addEventListener('abort', onAbort)
  try {
    const missed = afterId === null ? [] : hub.since(afterId)
    if (missed === null) yield [resetEvent(hub)]
    else queue.unshift(...missed)
    while (!signal.aborted && queue.length <= FEED_QUEUE_MAX) {
      if (queue.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      wake = null
      if (queue.length === 0) continue
      const batch = queue
      queue = []
      yield batch
    }
  } finally {
    stop()
    signal.removeEventListener('abort', onAbort)
  }
}

/** Tells the watcher that something is missing: look at the ledger, then go on from here. */
function resetEvent(hub: EventHub): NumberedEvent {
  const event = { type: 'reset', at: 0, projectId: '*', jobId: null, runId: null, data: {} }
  return { id: hub.lastId, event }
}
