// Wall times and instants of one zone, turned into each other.

import { END_OF_TIME } from './calendar.ts'
import { DAY_SECONDS } from './civil.ts'
import type { Span, Zone } from './zone.ts'

/** The instants at which the zone's clocks show `wall`: none in a gap, two in an overlap. All in seconds. */
export function instantsOf(zone: Zone, wall: number): number[] {
  return spansBetween(zone, wall - DAY_SECONDS, wall + DAY_SECONDS)
    .filter((span) => wall - span.offset >= span.start && wall - span.offset < span.end)
    .map((span) => wall - span.offset)
}

/** The change of clocks whose gap holds `wall`, as the span it begins; undefined when `wall` exists. */
export function gapHolding(zone: Zone, wall: number): Span | undefined {
  return spansBetween(zone, wall - DAY_SECONDS, wall + DAY_SECONDS).find(
    (span) => wall >= span.start + span.offsetBefore && wall < span.start + span.offset,
  )
}

/** The spans that touch [from, to). */
export function spansBetween(zone: Zone, from: number, to: number): Span[] {
  const spans: Span[] = []
  let instant = Math.max(0, from)
  while (instant < Math.min(to, END_OF_TIME)) {
    const span = zone.spanAt(instant)
    spans.push(span)
    instant = span.end
  }
  return spans
}
