// The cron of this system: five fields are read as its document reads them, as in any crontab. With six or seven its
// parser counted the days of the week from 1 = Sunday, and a day had to fit both day fields.

import type { ScheduleSpec } from '../../../domain/schedule/schedule.ts'

const DAY_OF_WEEK = 5

export function cronOf(text: string): Pick<ScheduleSpec, 'cron' | 'days'> {
  const fields = text.trim().split(/\s+/)
  if (fields.length !== 6 && fields.length !== 7) return { cron: text }
  const days = fields[DAY_OF_WEEK]!.split(',').map(fromSundayIsOne).join(',')
  return { cron: fields.with(DAY_OF_WEEK, days).join(' '), days: 'both' }
}

/** 1 … 7, ranges of them, with a step or without. What is no such day stays, and is refused with a reason later. */
function fromSundayIsOne(item: string): string {
  const [range = '', step] = item.split('/', 2)
  const shifted = range.replace(/\d+/g, (day) => (/^[1-7]$/.test(day) ? String(Number(day) - 1) : `${day}?`))
  return step === undefined ? shifted : `${shifted}/${step}`
}
