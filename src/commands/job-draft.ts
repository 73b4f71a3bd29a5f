// What a caller sends to make or replace a job, shape already checked by the wire schema.

import type { Callback } from '../domain/effect.ts'
import type { PolicySpec } from '../domain/policy.ts'
import type { ScheduleSpec } from '../domain/schedule/schedule.ts'
import type { Target } from '../domain/target.ts'

export type JobDraft = {
  readonly name: string
  /** Name or id; default: the project `default`. */
  readonly project?: string
  readonly description?: string | null
  readonly labels?: Readonly<Record<string, string>>
  readonly schedule: ScheduleSpec
  readonly target: Target
  readonly policy?: PolicySpec
  readonly callback?: Callback | null
}
