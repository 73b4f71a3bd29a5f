// A secret of a project: written, named in jobs as {{secret.name}}, never read again. Its value is filled in right before
// a request leaves or a process starts, and is in no row, no answer and no log.

import { utf8Length } from './check-bounds.ts'
import { type Problems, pointerStep } from './errors.ts'
import type { JobSpec } from './job.ts'

export type Secret = {
  readonly projectId: string
  readonly name: string
  /** New with each value: a sealed value opens in the row it was sealed for and in no other. */
  readonly id: string
  readonly keyId: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly updatedBy: string
}

export const SECRET_LIMITS = {
  nameMax: 64,
  /** What is shorter cannot be masked in output without masking half of it. */
  valueBytesMin: 8,
  valueBytesMax: 65_536,
  perProjectMax: 1_000,
} as const

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/
const PLACE = /\{\{\s*secret\.([A-Za-z][A-Za-z0-9_]{0,63})\s*\}\}/g
const ATTEMPT = /\{\{\s*secret\b/

/** Headers, bodies, environments and input; nowhere a value would be shown, such as an address or an argument. */
const ALLOWED = [
  /^\/target\/(?:http|message)\/(?:headers\/|body(?:\/|$)|sign\/)/,
  /^\/target\/(?:command|script)\/(?:env\/|stdin$)/,
  /^\/callback\/(?:headers\/|body(?:\/|$)|sign\/)/,
]

/** What a sealed value is bound to besides its key. */
export function bindingOf({ projectId, name, id }: Pick<Secret, 'projectId' | 'name' | 'id'>): string {
  return `carillon secret\n${projectId}\n${name}\n${id}`
}

export function checkSecret(name: string, value: string, problems: Problems): void {
  const { nameMax, valueBytesMin, valueBytesMax } = SECRET_LIMITS
  if (!NAME.test(name) || name.length > nameMax) {
    problems.add(
      '/name',
      'name_invalid',
      `A secret's name has 1 to ${nameMax} of A-Z a-z 0-9 _ and starts with a letter.`,
    )
  }
  const bytes = utf8Length(value)
  if (bytes < valueBytesMin || bytes > valueBytesMax || value.includes('\0')) {
    problems.add(
      '/value',
      'range',
      `A secret has ${valueBytesMin} to ${valueBytesMax} bytes of text without U+0000. What is shorter could not be masked in output.`,
    )
  }
}

/** Names of the secrets a value asks for, each once. */
export function secretNames(value: unknown): string[] {
  if (!mayHoldPlace(value)) return []
  const names = new Set<string>()
  eachText(value, '', (text) => {
    for (const [, name = ''] of text.matchAll(PLACE)) names.add(name)
  })
  return [...names]
}

export function secretsOfJob({ target, callback }: Pick<JobSpec, 'target' | 'callback'>): string[] {
  return secretNames([target, callback])
}

const CREDENTIAL_HEADERS = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-api-key',
  'api-key',
  'x-auth-token',
]

export function isCredentialHeader(name: string): boolean {
  return CREDENTIAL_HEADERS.includes(name.toLowerCase())
}

/** Nothing but one place. */
export function isSecretPlace(text: string): boolean {
  return secretNames(text).length === 1 && text.replace(PLACE, '') === ''
}

/** Every place is filled once: what a secret holds is not looked at again. */
export function fillSecrets<T>(value: T, secrets: Readonly<Record<string, string>>): T {
  return eachPlace(value, (place, name) => (Object.hasOwn(secrets, name) ? secrets[name]! : place))
}

/** For a copy that goes to somebody else: it says that there is a secret, and asks for none. */
export function hideSecrets<T>(value: T): T {
  return eachPlace(value, () => '***')
}

function eachPlace<T>(value: T, fill: (place: string, name: string) => string): T {
  if (typeof value === 'string') return value.replace(PLACE, fill) as T
  if (Array.isArray(value)) return value.map((item) => eachPlace(item, fill)) as T
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [key, eachPlace(item, fill)] as const)
  return Object.fromEntries(entries) as T
}

/** Secrets stand where they are not shown, and are written so that they are found. */
export function checkSecretPlaces(spec: Partial<JobSpec>, problems: Problems): void {
  eachText({ target: spec.target, callback: spec.callback }, '', (text, pointer) => {
    if (!ATTEMPT.test(text)) return
    if (!ALLOWED.some((place) => place.test(pointer))) {
      problems.add(
        pointer,
        'secret_place',
        'A secret stands in headers, bodies, environments and standard input only: elsewhere its value would be shown.',
      )
    } else if (ATTEMPT.test(text.replace(PLACE, ''))) {
      problems.add(
        pointer,
        'secret_name',
        'A secret is named as {{secret.name}}, its name of A-Z a-z 0-9 _ beginning with a letter.',
      )
    }
  })
}

/** Of a value, whatever it is made of; only texts that may hold a place. Most values have none: then no path is written. */
export function eachText(
  value: unknown,
  pointer: string,
  tell: (text: string, pointer: string) => void,
): void {
  if (mayHoldPlace(value)) walk(value, pointer, tell)
}

function mayHoldPlace(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('{{')
  if (typeof value !== 'object' || value === null) return false
  for (const key in value) if (mayHoldPlace((value as Record<string, unknown>)[key])) return true
  return false
}

function walk(value: unknown, pointer: string, tell: (text: string, pointer: string) => void): void {
  if (typeof value === 'string') {
    if (value.includes('{{')) tell(value, pointer)
  } else if (Array.isArray(value)) {
    for (const [position, item] of value.entries()) walk(item, `${pointer}/${position}`, tell)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) walk(item, `${pointer}/${pointerStep(key)}`, tell)
  }
}
