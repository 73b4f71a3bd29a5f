// Durations on the command line, for what this program itself waits for.

import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../main/offline-schedule.ts'

export function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms === null) throw new InvalidArgumentError('It is a duration such as 500ms, 30s or 1h30m.')
  return ms
}
