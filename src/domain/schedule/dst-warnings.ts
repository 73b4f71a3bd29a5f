// Which changes of the clocks touch a fixed-time job soon, and what it will do then.

import { formatDate, formatInstant, formatJump, formatTime } from './instant-text.ts'
import type { ScheduleWarning } from './schedule-types.ts'
import type { WallClock } from './wall-clock.ts'
import type { WarningContext } from './warning-context.ts'
import type { Span } from './zone.ts'
import { spansBetween } from './zone-time.ts'

/** A year and a bit, so that both changes of every year are seen whenever one looks. */
const HORIZON_SECONDS = 400 * 86_400

export function dstWarnings(context: WarningContext): ScheduleWarning[] {
  const start = Math.floor(context.from / 1_000)
  return spansBetween(context.zone, start, start + HORIZON_SECONDS)
    .filter((span) => span.start >= start)
    .flatMap((span) => {
      if (span.offset > span.offsetBefore) return gapWarning(span, context)
      return span.offset < span.offsetBefore ? overlapWarning(span, context) : []
    })
}

function gapWarning(span: Span, context: WarningContext): ScheduleWarning[] {
  const missing = firstMatch(context.cron.clock, span.start + span.offsetBefore, span.start + span.offset)
  if (missing === null || !allowsRunAt(span.start, context)) return []
  const shifted = formatInstant(missing - span.offsetBefore, span.offset)
  const outcome = {
    after: `runs at ${formatInstant(span.start, span.offset)} instead`,
    skip: 'does not run then',
    shift: `runs at ${shifted} instead`,
  }[context.rule.gap]
  const detail =
    `On ${formatDate(missing)} there is no ${formatTime(missing)} in ${context.zone.name}: the clocks go ` +
    `${formatJump(span.start + span.offsetBefore, span.start + span.offset)}. The job ${outcome}.`
  return [{ code: 'dst_gap', detail, at: formatInstant(span.start, span.offset) }]
}

function overlapWarning(span: Span, context: WarningContext): ScheduleWarning[] {
  const repeated = firstMatch(context.cron.clock, span.start + span.offset, span.start + span.offsetBefore)
  if (repeated === null || !allowsRunAt(span.start, context)) return []
  const first = formatInstant(repeated - span.offsetBefore, span.offsetBefore)
  const last = formatInstant(repeated - span.offset, span.offset)
  const outcome = {
    first: `runs the first time, at ${first}`,
    last: `runs the second time, at ${last}`,
    both: `runs both times, at ${first} and ${last}`,
  }[context.rule.overlap]
  const detail =
    `On ${formatDate(repeated)} the time ${formatTime(repeated)} comes twice in ${context.zone.name}. ` +
    `The job ${outcome}.`
  return [{ code: 'dst_overlap', detail, at: formatInstant(span.start, span.offset) }]
}

function firstMatch(clock: WallClock, from: number, to: number): number | null {
  const wall = clock.atOrAfter(from)
  return wall < to ? wall : null
}

/** Outside the bounds of the schedule a change of the clocks concerns nobody. */
function allowsRunAt(instant: number, { from, until }: WarningContext): boolean {
  return instant * 1_000 >= from && instant * 1_000 < until
}
