// Retry-After (RFC 9110 §10.2.3): seconds, or the moment itself.

/** A server may not put a run off for longer than this. */
export const RETRY_AFTER_MAX_MS = 86_400_000

/** null: absent or not understood. */
export function retryAfterMs(value: string | string[] | undefined, now: number): number | null {
  const text = (Array.isArray(value) ? value[0] : value)?.trim()
  if (text === undefined || text === '') return null
  if (/^\d{1,15}$/.test(text)) return Math.min(Number(text) * 1_000, RETRY_AFTER_MAX_MS)
  // The three date forms of HTTP start with the day's name; anything else Date.parse would guess at.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(text)) return null
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.min(Math.max(0, at - now), RETRY_AFTER_MAX_MS)
}
