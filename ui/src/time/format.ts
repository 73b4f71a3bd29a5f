// Instants and durations as text. The order is year to second, so that columns can be compared by eye.

const clocks = new Map<string, Intl.DateTimeFormat>()

function clock(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    weekday: 'short',
    hourCycle: 'h23',
    timeZoneName: 'shortOffset',
  })
  clocks.set(zone, made)
  return made
}

export type WallTime = {
  readonly date: string
  readonly time: string
  readonly millis: string
  readonly weekday: string
  readonly offset: string
}

export function wallTime(at: number, zone: string): WallTime {
  const part: Record<string, string> = {}
  for (const { type, value } of safeClock(zone).formatToParts(at)) part[type] = value
  return {
    date: `${part['year']}-${part['month']}-${part['day']}`,
    time: `${part['hour']}:${part['minute']}:${part['second']}`,
    millis: part['fractionalSecond'] ?? '000',
    weekday: part['weekday'] ?? '',
    offset: (part['timeZoneName'] ?? '').replace('GMT', 'UTC'),
  }
}

/** A zone that this browser does not know is shown in UTC rather than not at all. */
function safeClock(zone: string): Intl.DateTimeFormat {
  try {
    return clock(zone)
  } catch {
    return clock('UTC')
  }
}

/** As ISO 8601 has it, with the offset of that zone: 2027-01-01T12:00:00.000+09:00. */
export function isoText(at: number, zone: string): string {
  const { date, time, millis } = wallTime(at, zone)
  const wall = `${date}T${time}.${millis}`
  const minutes = Math.round((Date.parse(`${wall}Z`) - at) / 60_000)
  if (minutes === 0) return `${wall}Z`
  const size = Math.abs(minutes)
  const two = (count: number): string => String(count).padStart(2, '0')
  return `${wall}${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

export function instantText(at: number, zone: string, now: number): string {
  const wall = wallTime(at, zone)
  const today = wallTime(now, zone).date
  return wall.date === today ? wall.time : `${wall.weekday} ${wall.date} ${wall.time}`
}

/** Two parts at most: "3 d 4 h", "12 m 5 s", "850 ms". */
export function durationText(ms: number): string {
  const total = Math.abs(ms)
  if (total < 1_000) return `${Math.round(total)} ms`
  if (total < 10_000) return `${(total / 1_000).toFixed(1)} s`
  return wholeText(Math.round(total / 1_000))
}

function wholeText(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([count]) => count > 0)
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}

export function relativeText(at: number, now: number): string {
  const distance = Math.floor(at / 1_000) * 1_000 - Math.floor(now / 1_000) * 1_000
  if (distance === 0) return 'now'
  const words = wholeText(Math.abs(distance) / 1_000)
  return distance > 0 ? `in ${words}` : `${words} ago`
}

export function countText(count: number): string {
  return count.toLocaleString('en-US').replaceAll(',', '\u202f')
}
