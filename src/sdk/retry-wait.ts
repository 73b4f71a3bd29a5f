// How long to wait before a further try: what the server asked for, else longer each time, with chance in it.

const FIRST_MS = 200
const LONGEST_MS = 10_000
/** A server may ask for more patience than a caller has: then the answer is given to the caller instead. */
const RETRY_AFTER_MAX_MS = 60_000

/** Milliseconds; null: do not try again. */
export function retryWaitMs(
  tries: number,
  retryAfter: string | null,
  now: number,
  chance: number,
): number | null {
  const asked = retryAfterMs(retryAfter, now)
  if (asked !== null) return asked <= RETRY_AFTER_MAX_MS ? asked : null
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** tries)
  return Math.round(longest * (0.5 + chance / 2))
}

/** Seconds, or an HTTP date. */
function retryAfterMs(text: string | null, now: number): number | null {
  if (text === null) return null
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}

/** Rejects with the signal's reason when it is aborted meanwhile. */
export function sleep(ms: number, signal?: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  if (signal?.aborted) {
    reject(signal.reason)
    return promise
  }
  const onAbort = (): void => {
    clearTimeout(timer)
    reject(signal?.reason)
  }
  const timer = setTimeout(() => {
    signal?.removeEventListener('abort', onAbort)
    resolve()
  }, ms)
  signal?.addEventListener('abort', onAbort, { once: true })
  return promise
}
