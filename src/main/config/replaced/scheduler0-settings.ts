// What a user of scheduler0 has set: in a config.yml with the names of its document, or in the environment.

import type { Given, Notice } from '../given.ts'
import { durationText } from './numbers.ts'
import type { ReplacedEnvironment } from './replaced-environment.ts'

/** By the name in config.yml. */
type Read = (name: string) => { readonly text: string; readonly origin: string } | undefined
type Settings = ReturnType<ReplacedEnvironment>

const LEVELS: Readonly<Record<string, string>> = {
  ERROR: 'error',
  WARN: 'warn',
  INFO: 'info',
  DEBUG: 'debug',
}
const PORT = '9090'

export const scheduler0Environment: ReplacedEnvironment = (read) => {
  return scheduler0Settings((name) => {
    const origin = `SCHEDULER0_${ENVIRONMENT[name] ?? name.replace(/(?<!^)([A-Z])/g, '_$1').toUpperCase()}`
    const text = read(origin)
    return text === undefined ? undefined : { text, origin }
  })
}

/** Names that are not simply the other form of the name. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  LogLevel: 'LOGLEVEL',
  HTTPExecutorPayloadMaxSizeMb: 'HTTP_EXECUTOR_PAYLOAD_MAX_SIZE_MB',
}

export function scheduler0Settings(read: Read): Settings {
  const given: Given[] = []
  const problems: Notice[] = []
  const take = (name: string, key: Given['key'], convert: (text: string) => string | null): void => {
    const found = read(name)
    if (found === undefined) return
    const text = convert(found.text.trim())
    if (text === null)
      problems.push({ origin: found.origin, detail: `"${found.text.slice(0, 100)}" cannot be read` })
    else given.push({ key, text, origin: found.origin })
  }
  take('LogLevel', 'logLevel', (text) => LEVELS[text.toUpperCase()] ?? null)
  take('JobExecutionTimeout', 'doorScheduler0TimeoutMs', (text) => durationText(text, 's'))
  take('JobExecutionRetryMax', 'doorScheduler0RetryMax', (text) => text)
  take('JobExecutionRetryDelay', 'doorScheduler0RetryDelayMs', (text) => durationText(text, 's'))
  take('HTTPExecutorPayloadMaxSizeMb', 'doorScheduler0PayloadBytes', (text) => `${text}m`)
  take('MaxMemory', 'memoryLimitBytes', (text) => `${text}m`)
  const host = read('Host')
  const port = read('Port')
  if (host !== undefined || port !== undefined) {
    const text = `${host?.text ?? '127.0.0.1'}:${port?.text ?? PORT}`
    given.push({ key: 'doorScheduler0Listen', text, origin: (port ?? host)!.origin })
  }
  return { given, problems }
}
