// A time zone as spans: stretches of real time in which its offset from UTC stays the same.
// Spans are read from the platform piece by piece, when a schedule first looks there, and kept.

import { RecentlyUsed } from '../recently-used.ts'
import { END_OF_TIME } from './calendar.ts'
import { usualSpelling } from './zone-name.ts'
import { type OffsetReader, openZone } from './zone-offset.ts'

/**
 * Seconds of UTC [start, end) with one offset, and the offsets around it. A span may end where nothing changes:
 * then `offsetAfter` equals `offset`.
 */
export type Span = {
  readonly start: number
  readonly end: number
  readonly offset: number
  readonly offsetBefore: number
  readonly offsetAfter: number
}

export interface Zone {
  readonly name: string
  /** The span that holds an instant of [0, END_OF_TIME). */
  spanAt(instant: number): Span
}

const ZONES_CACHED_MAX = 256
const zones = new RecentlyUsed<string, Zone>(ZONES_CACHED_MAX)

/** The zone of an IANA name, or null when the platform does not know it. */
export function findZone(name: string): Zone | null {
  const known = zones.get(name)
  if (known !== undefined) return known
  const offsetAt = ZONE_TEXT.test(name) ? openZone(name) : null
  if (offsetAt === null) return null
  const spelled = usualSpelling(name)
  const fixed = FIXED_NAME.test(spelled)
  const zone = fixed ? fixedZone(spelled, offsetAt(0)) : new ChangingZone(spelled, offsetAt)
  zones.set(name, zone)
  return zone
}

/** The platform also takes bare offsets such as +02:00; those are no places and follow no law. */
const ZONE_TEXT = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/

const FIXED_NAME = /^(?:UTC|GMT|Etc\/(?:UTC|GMT(?:[+-]\d{1,2})?))$/

function fixedZone(name: string, offset: number): Zone {
  const always = { start: 0, end: END_OF_TIME, offset, offsetBefore: offset, offsetAfter: offset }
  return { name, spanAt: () => always }
}

/** An average year: the piece of a zone's history that is read at once. */
const PIECE_SECONDS = 31_556_952
/**
 * Two changes of one zone since 1970 are at least 7 days apart (Recife, 2000), so a look every 3 days sees each.
 */
const PROBE_SECONDS = 3 * 86_400

class ChangingZone implements Zone {
  readonly name: string
  readonly #offsetAt: OffsetReader
  readonly #pieces: Span[][] = []

  constructor(name: string, offsetAt: OffsetReader) {
    this.name = name
    this.#offsetAt = offsetAt
  }

  spanAt(instant: number): Span {
    const index = Math.floor(instant / PIECE_SECONDS)
    this.#pieces[index] ??= readPiece(index * PIECE_SECONDS, (index + 1) * PIECE_SECONDS, this.#offsetAt)
    const piece = this.#pieces[index]
    let i = 0
    while (piece[i]!.end <= instant) i++
    return piece[i]!
  }
}

function readPiece(start: number, end: number, offsetAt: OffsetReader): Span[] {
  const changes = changesIn(start, end, offsetAt)
  const starts = changes[0] === start ? changes : [start, ...changes]
  return starts.map((spanStart, i) => {
    const spanEnd = starts[i + 1] ?? end
    return {
      start: spanStart,
      end: spanEnd,
      offset: offsetAt(spanStart),
      offsetBefore: offsetAt(spanStart - 1),
      offsetAfter: offsetAt(spanEnd),
    }
  })
}

/** The instants of [start, end) whose offset differs from that of the second before. */
function changesIn(start: number, end: number, offsetAt: OffsetReader): number[] {
  const changes: number[] = []
  let known = start - 1
  let offset = offsetAt(known)
  while (known < end - 1) {
    const probe = Math.min(known + PROBE_SECONDS, end - 1)
    const probed = offsetAt(probe)
    if (probed !== offset) changes.push(changeBetween(known, probe, offset, offsetAt))
    known = probe
    offset = probed
  }
  return changes
}

function changeBetween(known: number, probe: number, offset: number, offsetAt: OffsetReader): number {
  let before = known
  let after = probe
  while (after - before > 1) {
    const middle = before + Math.floor((after - before) / 2)
    if (offsetAt(middle) === offset) before = middle
    else after = middle
  }
  return after
}
