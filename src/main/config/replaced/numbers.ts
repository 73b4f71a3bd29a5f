// Numbers as replaced systems write them: bare, in a unit of their own, or with a suffix.

import { formatDuration, parseDuration } from '../../../domain/duration.ts'

/** "10" in seconds, "10s", "1 h"; the text of a duration of ours, or null. */
export function durationText(text: string, bareUnit: 'ms' | 's' | 'd'): string | null {
  const compact = text.replaceAll(/\s+/g, '')
  const ms = parseDuration(/^\d{1,12}$/.test(compact) ? `${compact}${bareUnit}` : compact)
  return ms === null ? null : formatDuration(ms)
}

/** Whole days, at least one. */
export function daysText(text: string): string | null {
  const duration = durationText(text, 'd')
  if (duration === null) return null
  return String(Math.max(1, Math.ceil((parseDuration(duration) ?? 0) / 86_400_000)))
}
