// The cron of systems that were written in Rust: five fields are read as in any crontab. With six or seven the parser of
// theirs counted the days of the week from 1 = Sunday, and a day had to fit both day fields.

import type { ScheduleSpec } from '../../domain/schedule/schedule.ts'

const DAY_OF_WEEK = 5

export function cronOf(text: string): Pick<ScheduleSpec, 'cron' | 'days'> {
  const fields = text.trim().split(/\s+/)
  if (fields.length !== 6 && fields.length !== 7) return { cron: text }
  const days = fields[DAY_OF_WEEK]!.split(',').map(fromSundayIsOne).join(',')
  return { cron: fields.with(DAY_OF_WEEK, days).join(' '), days: 'both' }
}

/** What cronOf() did, undone. */
export function rustCron({ cron, days }: Pick<ScheduleSpec, 'cron' | 'days'>): string {
  if (cron === undefined) return ''
  return days === 'both' ? sundayIsOne(cron) : cron
}

/** 1 … 7, ranges of them, with a step or without. What is no such day stays, and is refused with a reason later. */
function fromSundayIsOne(item: string): string {
  const [range = '', step] = item.split('/', 2)
  const shifted = range.replace(/\d+/g, (day) => (/^[1-7]$/.test(day) ? String(Number(day) - 1) : `${day}?`))
  return step === undefined ? shifted : `${shifted}/${step}`
}

function sundayIsOne(cron: string): string {
  const fields = cron.split(' ')
  const days = fields[DAY_OF_WEEK]!.split(',').map((item) => {
    const [range = '', step] = item.split('/', 2)
    const shifted = range.replace(/\d/g, (day) => String(Number(day) + 1))
    return step === undefined ? shifted : `${shifted}/${step}`
  })
  return fields.with(DAY_OF_WEEK, days.join(',')).join(' ')
}
