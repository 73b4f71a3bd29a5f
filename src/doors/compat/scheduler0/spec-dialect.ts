// Its cron starts with seconds: five fields are second, minute, hour, day of month, month; a sixth is the day of week.
// Semantics as documented by robfig/cron v1, https://pkg.go.dev/github.com/robfig/cron@v1.2.0

import { parseDuration } from '../../../domain/duration.ts'
import type { ScheduleSpec } from '../../../domain/schedule/schedule.ts'

const MACROS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']

/** null: not a spec of this system. What has the right form may still be refused for its numbers. */
export function scheduleOf(spec: string): Pick<ScheduleSpec, 'cron' | 'every'> | null {
  const text = spec.trim()
  if (text.startsWith('@every ')) return everyOf(text.slice('@every '.length).trim())
  if (text.startsWith('@')) return MACROS.includes(text) ? { cron: text } : null
  const fields = text.split(/\s+/)
  if (fields.length === 5) return { cron: `${fields.join(' ')} *` }
  if (fields.length !== 6 || /7/.test(fields[5]!)) return null
  return { cron: fields.join(' ') }
}

/** A Go duration; a second at least, and no part of one. */
function everyOf(text: string): { every: string } | null {
  if (!/^(?:\d+(?:\.\d+)?(?:h|m|s|ms|us|µs|ns))+$/.test(text)) return null
  const units = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1, us: 0.001, µs: 0.001, ns: 0.000_001 }
  let ms = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|us|µs|ns|s)/g)) {
    ms += Number(amount) * units[unit as keyof typeof units]
  }
  const every = `${Math.max(1, Math.floor(ms / 1_000))}s`
  return parseDuration(every) === null ? null : { every }
}
