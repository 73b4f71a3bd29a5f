// Reads the parts of a schedule that are not cron: zone, times, period, rules. Each reader adds its problems and goes on.

import { parseDuration } from '../duration.ts'
import type { Problems } from '../errors.ts'
import { END_OF_TIME } from './calendar.ts'
import { GAP_RULES, OVERLAP_RULES } from './dst.ts'
import { formatInstant, formatJump, parseInstant } from './instant-text.ts'
import type { ScheduleSpec } from './schedule-types.ts'
import { findZone, type Zone } from './zone.ts'
import { suggestZone } from './zone-name.ts'
import { gapHolding, instantsOf } from './zone-time.ts'

export const EVERY_MIN_MS = 1_000
export const EVERY_MAX_MS = 3_650 * 86_400_000
const DEFAULT_ZONE = 'UTC'

export function readZone(name: string | undefined, problems: Problems): Zone | null {
  const wanted = name ?? DEFAULT_ZONE
  const zone = findZone(wanted)
  if (zone !== null) return zone
  const suggestion = suggestZone(wanted) ?? undefined
  const detail = 'This is not the name of a time zone in the IANA database, such as Europe/Berlin.'
  problems.add('/timezone', 'timezone_unknown', detail, suggestion)
  return null
}

/** The period in milliseconds. `pointer` says where the text stood: `every`, or `cron` for `@every`. */
export function readEvery(text: string, pointer: string, problems: Problems): number | null {
  const period = parseDuration(text)
  if (period === null) {
    problems.add(pointer, 'every_invalid', 'This is not a duration such as 30s, 1h30m, 7d or PT30S.')
  } else if (period < EVERY_MIN_MS) {
    problems.add(pointer, 'every_too_short', 'The shortest period is 1 second.', '1s')
  } else if (period > EVERY_MAX_MS) {
    problems.add(pointer, 'every_too_long', 'The longest period is 3650 days (ten years).', '3650d')
  } else return period
  return null
}

/** A bound or an anchor, in milliseconds; the offset is required. */
export function readInstant(
  text: string,
  field: 'from' | 'until' | 'anchor',
  problems: Problems,
): number | null {
  const time = parseInstant(text)
  if (time.kind === 'instant' && inRange(time.ms)) return time.ms
  const detail = time.kind === 'wrong' ? time.detail : time.kind === 'local' ? NO_OFFSET : OUT_OF_RANGE
  problems.add(`/${field}`, `${field}_invalid`, detail)
  return null
}

const NO_OFFSET = 'The time has no offset: add Z or one such as +01:00.'
const OUT_OF_RANGE = 'The time is outside the years 1970–2199 in UTC.'

function inRange(ms: number): boolean {
  return ms >= 0 && ms < END_OF_TIME * 1_000
}

/** A time without an offset is read in the schedule's zone, when one was named and the time is there exactly once. */
export function readAt(spec: ScheduleSpec, zone: Zone | null, problems: Problems): number | null {
  const time = parseInstant(spec.at!)
  if (time.kind === 'wrong') problems.add('/at', 'at_invalid', time.detail)
  else if (time.kind === 'local') return readLocalAt(spec, time, zone, problems)
  else if (!inRange(time.ms)) problems.add('/at', 'at_invalid', OUT_OF_RANGE)
  else return time.ms
  return null
}

type LocalTime = { readonly wall: number; readonly ms: number }

function readLocalAt(
  spec: ScheduleSpec,
  time: LocalTime,
  zone: Zone | null,
  problems: Problems,
): number | null {
  if (spec.timezone === undefined) {
    problems.add('/at', 'at_invalid', `${NO_OFFSET} Or name a \`timezone\` in which it is meant.`)
    return null
  }
  if (zone === null) return null
  const [instant, second] = instantsOf(zone, time.wall)
  if (instant === undefined) addGapProblem(zone, time.wall, problems)
  else if (second !== undefined) {
    const candidates = [instant, second].map((at) => formatInstant(at, time.wall - at)).join(' or ')
    problems.add(
      '/at',
      'at_ambiguous',
      `The clocks of ${zone.name} show this time twice: write ${candidates}.`,
      candidates,
    )
  } else return instant * 1_000 + time.ms
  return null
}

function addGapProblem(zone: Zone, wall: number, problems: Problems): void {
  const gap = gapHolding(zone, wall)
  if (gap === undefined) {
    problems.add('/at', 'at_invalid', OUT_OF_RANGE)
    return
  }
  const shifted = formatInstant(wall - gap.offsetBefore, gap.offset)
  const candidates = [...new Set([formatInstant(gap.start, gap.offset), shifted])].join(' or ')
  const jump = formatJump(gap.start + gap.offsetBefore, gap.start + gap.offset)
  const detail = `The clocks of ${zone.name} skip this time, going ${jump}: write ${candidates}.`
  problems.add('/at', 'at_gap', detail, candidates)
}

export function checkDst(spec: ScheduleSpec, isCron: boolean, problems: Problems): void {
  if (spec.dst === undefined) return
  if (!isCron) problems.add('/dst', 'dst_without_cron', '`dst` has a meaning for cron expressions only.')
  const { gap, overlap } = spec.dst
  if (gap !== undefined && !GAP_RULES.includes(gap)) {
    problems.add('/dst/gap', 'dst_invalid', `This is none of ${GAP_RULES.join(', ')}.`)
  }
  if (overlap !== undefined && !OVERLAP_RULES.includes(overlap)) {
    problems.add('/dst/overlap', 'dst_invalid', `This is none of ${OVERLAP_RULES.join(', ')}.`)
  }
}

export function checkMaxRuns(maxRuns: number | undefined, problems: Problems): void {
  if (maxRuns === undefined || (Number.isSafeInteger(maxRuns) && maxRuns >= 1)) return
  problems.add('/maxRuns', 'max_runs_invalid', 'The number of runs must be a whole number from 1 up.')
}
