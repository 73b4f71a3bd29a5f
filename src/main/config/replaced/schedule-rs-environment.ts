// SCHEDULERS_…: what a user of schedule-rs has set.

import type { Given, Notice } from '../given.ts'
import { daysText, durationText } from './numbers.ts'
import type { ReplacedEnvironment } from './replaced-environment.ts'

/** Its default. */
const PORT = '8080'

export const scheduleRsEnvironment: ReplacedEnvironment = (read) => {
  const given: Given[] = []
  const problems: Notice[] = []
  const take = (origin: string, key: Given['key'], convert: (text: string) => string | null): void => {
    const text = read(origin)
    if (text === undefined) return
    const converted = convert(text)
    if (converted === null) problems.push({ origin, detail: `"${text.slice(0, 100)}" cannot be read` })
    else given.push({ key, text: converted, origin })
  }
  take('SCHEDULERS_DB_PATH', 'dataDir', asIs)
  take('SCHEDULERS_RETENTION_POLICY', 'retentionDays', daysText)
  take('SCHEDULERS_API_KEY', 'doorScheduleRsKey', asIs)
  take('SCHEDULERS_CALLBACK_TIMEOUT', 'callbackTimeoutMs', (text) => durationText(text, 's'))
  take('SCHEDULERS_CALLBACK_RETRY_INTERVAL', 'callbackRetryDelaysMs', durationTexts)
  const host = read('SCHEDULERS_HOST')
  const port = read('SCHEDULERS_PORT')
  const origin = port === undefined ? 'SCHEDULERS_HOST' : 'SCHEDULERS_PORT'
  if (host !== undefined || port !== undefined) {
    given.push({
      key: 'doorScheduleRsListen',
      text: `${bracketed(host ?? '127.0.0.1')}:${port ?? PORT}`,
      origin,
    })
  }
  return { given, problems }
}

function asIs(text: string): string {
  return text
}

/** "1, 5, 30" or "1s,5s,30s". */
function durationTexts(text: string): string | null {
  const parts = text.split(',').map((part) => durationText(part, 's'))
  return parts.includes(null) ? null : parts.join(',')
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
