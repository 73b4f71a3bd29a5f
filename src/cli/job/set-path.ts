// One part of a document changed by its path: schedule.cron, labels.team, policy.retry.delays.

import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'

export type Change = {
  readonly path: readonly string[] /** undefined: the part is removed. */
  readonly value: unknown
}

/** `readValue` gives a text its type: 5, true, [a, b]; what is no such thing stays text. */
export function readChange(text: string, readValue: (text: string) => unknown): Change {
  const equals = text.indexOf('=')
  const path = text.slice(0, Math.max(0, equals)).split('.')
  if (equals < 1 || path.some((part) => part === '' || part === '__proto__')) {
    throw new CliError(EXIT.usage, `--set "${text}" is not path=value.`, {
      hint: 'Such as --set schedule.every=1m',
    })
  }
  const value = text.slice(equals + 1)
  return { path, value: value === '' ? undefined : readValue(value) }
}

/** A new document; the old one stays as it is. */
export function withChange<T>(document: T, { path, value }: Change): T {
  const copy = structuredClone(document)
  let at = copy as Record<string, unknown>
  for (const part of path.slice(0, -1)) {
    const next = at[part]
    if (typeof next !== 'object' || next === null) at[part] = {}
    at = at[part] as Record<string, unknown>
  }
  const last = path.at(-1)!
  if (value === undefined) delete at[last]
  else at[last] = value
  return copy
}
