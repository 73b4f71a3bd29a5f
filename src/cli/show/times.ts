// Instants and stretches of time for people. Instants are UTC and say so; a wall clock comes with its offset.

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** "2027-01-01 00:00:30Z"; "-" when there is none. */
export function showInstant(instant: string | null): string {
  if (instant === null) return '-'
  return instant.replace('T', ' ').replace(/\.000(?=Z|[+-]\d\d:\d\d$)/, '')
}

/** The two largest units: "1m 30s", "2d 4h", "350ms". */
export function showStretch(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`
  let rest = Math.floor(ms / 1_000) * 1_000
  const parts: string[] = []
  for (const [unit, size] of UNITS) {
    const amount = Math.floor(rest / size)
    rest -= amount * size
    if (amount > 0) parts.push(`${amount}${unit}`)
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.join(' ')
}

/** "in 12s", "3m ago". */
export function showFromNow(instant: string | null, now: number): string {
  if (instant === null) return '-'
  const away = Date.parse(instant) - now
  if (Math.abs(away) < 1_000) return 'now'
  return away > 0 ? `in ${showStretch(away)}` : `${showStretch(-away)} ago`
}

/** How long something took, or takes already. */
export function showTook(startedAt: string | null, endedAt: string | null, now: number): string {
  if (startedAt === null) return '-'
  const end = endedAt === null ? now : Date.parse(endedAt)
  return showStretch(end - Date.parse(startedAt)) + (endedAt === null ? ' …' : '')
}
