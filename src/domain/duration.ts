// Durations as people write them: "500ms", "30s", "1m30s", "2h", "7d", "1w", or ISO 8601 ("PT30S", "P1DT2H").
// Months and years are refused: they have no fixed length.

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
type Unit = keyof typeof UNIT_MS

const COMPACT = /^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/
const PART = /(\d+(?:\.\d+)?)(ms|[smhdw])/g
const ISO = /^P(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?)$/

/** Longest text read; longer is refused unseen. */
export const DURATION_TEXT_MAX = 40

/** Milliseconds, or null when the text is not a duration of whole milliseconds. */
export function parseDuration(text: string): number | null {
  if (text.length === 0 || text.length > DURATION_TEXT_MAX) return null
  const ms = COMPACT.test(text) ? compactMs(text) : isoMs(text)
  return ms !== null && Number.isSafeInteger(ms) ? ms : null
}

function compactMs(text: string): number {
  let total = 0
  for (const [, amount, unit] of text.matchAll(PART)) total += Number(amount) * UNIT_MS[unit as Unit]
  return total
}

function isoMs(text: string): number | null {
  const match = ISO.exec(text)
  if (match === null || text === 'P') return null
  const [, weeks, days, hours, minutes, seconds] = match.map((part) => Number(part ?? 0))
  return (
    weeks! * UNIT_MS.w +
    days! * UNIT_MS.d +
    hours! * UNIT_MS.h +
    minutes! * UNIT_MS.m +
    Math.round(seconds! * 1_000)
  )
}

/** The shortest compact writing: 90000 → "1m30s". The inverse of parseDuration for whole milliseconds. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  let rest = ms
  let text = ''
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const amount = Math.floor(rest / UNIT_MS[unit])
    if (amount > 0) text += `${amount}${unit}`
    rest -= amount * UNIT_MS[unit]
  }
  return text
}
