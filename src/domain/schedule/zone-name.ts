// What to say of a time-zone name that is not known: most are a slip of the pen, or an offset.

import { listedZones } from './zone-offset.ts'

// Names the platform takes but does not list, and which people write.
const ALIASES = [
  'UTC',
  'GMT',
  'Asia/Kolkata',
  'Asia/Ho_Chi_Minh',
  'Asia/Kathmandu',
  'Asia/Yangon',
  'Europe/Kyiv',
  'US/Eastern',
  'US/Central',
  'US/Mountain',
  'US/Pacific',
]

/** Longer names are not compared at all. */
const NAME_MAX = 64
/** A name that needs more changes than this is a different name. */
const DISTANCE_MAX = 3
const OFFSET_NAME = /^(?:UTC|GMT)?([+-])0?(\d{1,2})(?::?00)?$/i

/** The name that was probably meant, or null. */
export function suggestZone(name: string): string | null {
  if (name.length > NAME_MAX) return null
  const offset = OFFSET_NAME.exec(name)
  // POSIX counts the other way round: Etc/GMT-2 is two hours ahead of UTC.
  if (offset !== null) {
    return Number(offset[2]) <= 12 ? `Etc/GMT${offset[1] === '+' ? '-' : '+'}${offset[2]}` : null
  }
  const wanted = name.toLowerCase().replaceAll(' ', '_')
  let best: string | null = null
  let bestDistance = DISTANCE_MAX + 1
  for (const candidate of [...ALIASES, ...listedZones()]) {
    const full = candidate.toLowerCase()
    const city = full.slice(full.lastIndexOf('/') + 1)
    const distance = Math.min(editDistance(wanted, full), editDistance(wanted, city))
    if (distance < bestDistance && distance < wanted.length / 2) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** The spelling the platform lists for a name written in other case; any other name as it is. */
export function usualSpelling(name: string): string {
  const lower = name.toLowerCase()
  return [...ALIASES, ...listedZones()].find((listed) => listed.toLowerCase() === lower) ?? name
}

/** Levenshtein's distance; lengths too far apart are not worth counting. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > DISTANCE_MAX) return Infinity
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const above = row
    row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row[j] = Math.min(change, above[j]! + 1, row[j - 1]! + 1)
    }
  }
  return row[b.length]!
}
