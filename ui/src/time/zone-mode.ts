// In whose time instants are shown: one switch for every table, axis and export.

import { storedChoice } from '../state/stored.ts'

export const ZONE_MODES = ['job', 'local', 'utc', 'relative'] as const
export type ZoneMode = (typeof ZONE_MODES)[number]

export const zoneMode = storedChoice('time', ZONE_MODES, 'local')

export const LOCAL_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'

/** The zone in which an axis or a table without a job of its own is written. */
export function zoneFor(mode: ZoneMode, jobZone: string | undefined): string {
  if (mode === 'utc') return 'UTC'
  if (mode === 'job') return jobZone ?? 'UTC'
  return LOCAL_ZONE
}
