// What a warning about a cron schedule is worked out from.

import type { CompiledCron } from './compiled-cron.ts'
import type { DstPolicy, DstRule } from './dst.ts'
import type { Schedule } from './schedule-types.ts'
import type { Zone } from './zone.ts'

export type WarningContext = {
  readonly cron: CompiledCron
  readonly zone: Zone
  readonly rule: DstRule
  /** As the author wrote it. */
  readonly dst: DstPolicy | undefined
  readonly schedule: Schedule
  /** Epoch milliseconds: looked at from here, and the end of the schedule. */
  readonly from: number
  readonly until: number
}
