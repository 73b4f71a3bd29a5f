// The instants a schedule is due next, on the wall clock of its zone and in UTC, and what may surprise about it.

import type { SchedulePreview } from '../../sdk/index.ts'
import { safeText } from './safe-text.ts'
import { type TableLook, table } from './table.ts'
import { showFromNow, showInstant } from './times.ts'

export function showPreview(
  { description, instants, timezone }: SchedulePreview,
  look: TableLook,
  now: number,
): string {
  const head = look.paint('bold', safeText(description))
  if (instants.length === 0) return `${head}\nNothing is due any more.`
  const zoned = timezone !== 'UTC'
  const columns = [
    ...(zoned ? [{ title: timezone.toUpperCase(), value: ({ local }: Instant) => showInstant(local) }] : []),
    { title: 'UTC', value: ({ utc }: Instant) => showInstant(utc) },
    { title: 'WHEN', value: ({ utc }: Instant) => showFromNow(utc, now), style: 'dim' as const },
  ]
  return `${head}\n${table(instants, columns, look)}`
}

type Instant = SchedulePreview['instants'][number]

/** "next  2027-01-01 00:00:30Z (in 12s)", a few lines of it. */
export function nextLines({ instants, timezone }: SchedulePreview, now: number): string[] {
  return instants.map(({ utc, local }, n) => {
    const shown = timezone === 'UTC' ? utc : local
    return `${n === 0 ? 'next  ' : '      '}${showInstant(shown)} (${showFromNow(utc, now)})`
  })
}
