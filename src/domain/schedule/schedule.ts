// When a job is due: a checked schedule, answering over integers, with no clock. What is one
// moment, and the same for every job, is remembered by its text.

import { Problems } from '../errors.ts'
import { RecentlyUsed } from '../recently-used.ts'
import { BoundedSchedule, type ScheduleParts } from './bounded-schedule.ts'
import { compileCron } from './compiled-cron.ts'
import { usesHash } from './cron-expression.ts'
import { everyMacro } from './cron-macro.ts'
import { CronTimes } from './cron-times.ts'
import { cronWarnings } from './cron-warnings.ts'
import { describeAt, describeCron, describeEvery, MANUAL_WORDS } from './describe.ts'
import { dstRuleOf } from './dst.ts'
import { NEVER_DUE, onceDue, periodicallyDue } from './due-times.ts'
import { checkDst, checkMaxRuns, readAt, readEvery, readInstant, readZone } from './schedule-check.ts'
import type { Schedule, ScheduleSeed, ScheduleSpec } from './schedule-types.ts'
import type { Zone } from './zone.ts'

export type { DstPolicy } from './dst.ts'
export { EVERY_MAX_MS, EVERY_MIN_MS } from './schedule-check.ts'
export type { Schedule, ScheduleSeed, ScheduleSpec, ScheduleWarning } from './schedule-types.ts'

const MOMENTS_KEPT_MAX = 1_000
/** Of schedules that are one moment and nothing else, by its text: thousands of jobs may be due in the same one. */
const moments = new RecentlyUsed<string, Schedule>(MOMENTS_KEPT_MAX)
/** Of others that are the same for every job. Jobs that are alike share the spec itself. */
const shared = new WeakMap<ScheduleSpec, Schedule>()

/** Throws AppError('invalid') with every problem of the spec; pointers are relative to it. */
export function compileSchedule(spec: ScheduleSpec, seed: ScheduleSeed): Schedule {
  const { at } = spec
  if (at !== undefined && isOneMoment(spec)) return remembered(moments, at, spec, seed)
  return asksNoSeed(spec) ? remembered(shared, spec, spec, seed) : compiled(spec, seed)
}

function remembered<Key>(
  known: { get(key: Key): Schedule | undefined; set(key: Key, schedule: Schedule): unknown },
  key: Key,
  spec: ScheduleSpec,
  seed: ScheduleSeed,
): Schedule {
  let schedule = known.get(key)
  if (schedule === undefined) {
    schedule = compiled(spec, seed)
    known.set(key, schedule)
  }
  return schedule
}

function isOneMoment(spec: ScheduleSpec): boolean {
  for (const key in spec) if (key !== 'at') return false
  return true
}

/** A period without an anchor begins with its job, and a hash in an expression is of its job. */
function asksNoSeed({ every, anchor, cron }: ScheduleSpec): boolean {
  if (cron !== undefined) return everyMacro(cron) === null && !usesHash(cron)
  return every === undefined || anchor !== undefined
}

function compiled(spec: ScheduleSpec, seed: ScheduleSeed): Schedule {
  const problems = new Problems()
  const zone = readZone(spec.timezone, problems)
  const from = spec.from === undefined ? null : readInstant(spec.from, 'from', problems)
  const until = spec.until === undefined ? null : readInstant(spec.until, 'until', problems)
  if (from !== null && until !== null && from >= until) {
    problems.add('/until', 'range_invalid', '`until` must be later than `from`.')
  }
  checkMaxRuns(spec.maxRuns, problems)
  const timing = readTiming(spec, seed, zone, problems)
  problems.throwIfAny()
  if (zone === null || timing === null) throw new Error('a schedule without problems has a zone and a timing')
  return new BoundedSchedule({ timezone: zone.name, from, until, ...timing })
}

type Timing = Pick<ScheduleParts, 'kind' | 'times' | 'describe' | 'warn'>

function readTiming(
  spec: ScheduleSpec,
  seed: ScheduleSeed,
  zone: Zone | null,
  problems: Problems,
): Timing | null {
  const given = (['cron', 'every', 'at'] as const).filter((key) => spec[key] !== undefined)
  if (given.length > 1) {
    const detail = `A schedule has one of cron, every and at; this one has ${given.join(' and ')}.`
    problems.add('', 'exactly_one_of', detail)
  }
  const period = spec.cron === undefined ? null : everyMacro(spec.cron)
  const isEvery = spec.every !== undefined || period !== null
  if (spec.anchor !== undefined && !isEvery) {
    problems.add('/anchor', 'anchor_without_every', '`anchor` has a meaning with `every` only.')
  }
  checkDst(spec, spec.cron !== undefined && period === null, problems)
  if (spec.days !== undefined && (spec.cron === undefined || period !== null)) {
    problems.add('/days', 'days_without_cron', '`days` has a meaning with a cron expression only.')
  }

  const timings: (Timing | null)[] = []
  if (period !== null) timings.push(everyTiming(period, '/cron', spec, seed, problems))
  else if (spec.cron !== undefined) timings.push(cronTiming(spec.cron, spec, seed, zone, problems))
  if (spec.every !== undefined) timings.push(everyTiming(spec.every, '/every', spec, seed, problems))
  if (spec.at !== undefined) timings.push(atTiming(spec, zone, problems))
  return timings.length === 0 ? MANUAL : timings[0]!
}

const MANUAL: Timing = { kind: 'manual', times: NEVER_DUE, describe: () => MANUAL_WORDS }

function cronTiming(
  text: string,
  spec: ScheduleSpec,
  seed: ScheduleSeed,
  zone: Zone | null,
  problems: Problems,
): Timing | null {
  const cron = compileCron(text, seed.hashKey, problems, spec.days)
  if (cron === null || zone === null) return null
  const { expression, clock } = cron
  const rule = dstRuleOf(expression, spec.dst)
  return {
    kind: 'cron',
    times: new CronTimes(clock, zone, rule),
    describe: () => describeCron(expression, zone),
    warn: (from, until, schedule) => cronWarnings({ cron, zone, rule, dst: spec.dst, schedule, from, until }),
  }
}

function everyTiming(
  text: string,
  pointer: string,
  spec: ScheduleSpec,
  seed: ScheduleSeed,
  problems: Problems,
): Timing | null {
  const period = readEvery(text, pointer, problems)
  const anchor = spec.anchor === undefined ? seed.createdAt : readInstant(spec.anchor, 'anchor', problems)
  if (period === null || anchor === null) return null
  return {
    kind: 'every',
    times: periodicallyDue(anchor, period),
    describe: () => describeEvery(period),
  }
}

function atTiming(spec: ScheduleSpec, zone: Zone | null, problems: Problems): Timing | null {
  const at = readAt(spec, zone, problems)
  if (at === null || zone === null) return null
  return { kind: 'at', times: onceDue(at), describe: () => describeAt(at, zone) }
}
