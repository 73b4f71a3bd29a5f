// The words of a schedule: what a caller says, and what it is told.

import type { DayRule } from './cron-day-field.ts'
import type { DstPolicy } from './dst.ts'

/** Exactly one of `cron`, `every` and `at`; none of them = only when triggered. */
export type ScheduleSpec = {
  cron?: string
  /** When day of month and day of week are both restricted: days that fit either (Vixie, the default) or both. */
  days?: DayRule
  every?: string
  at?: string
  timezone?: string
  dst?: DstPolicy
  /** RFC 3339; the phase of `every`. The job's creation time when left out. */
  anchor?: string
  /** RFC 3339, inclusive. */
  from?: string
  /** RFC 3339, exclusive. */
  until?: string
  maxRuns?: number
}

export type ScheduleSeed = {
  /** Feeds `H`: the job's id. */
  hashKey: string
  /** Epoch milliseconds; the anchor of `every` unless the spec has one. */
  createdAt: number
}

export type ScheduleWarning = { code: string; detail: string; at?: string }

/** The instants are epoch milliseconds. */
export interface Schedule {
  readonly kind: 'cron' | 'every' | 'at' | 'manual'
  readonly timezone: string
  /** The first due instant strictly after `after`; null = never again. */
  next(after: number): number | null
  /** The last due instant strictly before `before`. */
  previous(before: number): number | null
  /** The due instants of [from, to), ascending, at most `limit`. */
  between(from: number, to: number, limit: number): number[]
  /** How many due instants [from, to) has, by arithmetic. */
  count(from: number, to: number): number
  /** In words, with the zone. */
  describe(): string
  /** What may surprise whoever wrote this, seen from an instant. */
  warnings(from: number): ScheduleWarning[]
}
