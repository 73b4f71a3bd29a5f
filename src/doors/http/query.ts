// Query parameters, read strictly: what is not known, repeated or malformed is a problem, never ignored.

import type { Problem } from '../../domain/errors.ts'
import { parseInstant } from '../../domain/schedule/instant-text.ts'
import { invalid } from './http-problem.ts'
import { HTTP_SERVER_LIMITS } from './limits.ts'
import { nearestWord } from './nearest-word.ts'

/** How one parameter is read: from all its values in the query to what the handler gets. */
export type Parameter<T> = {
  readonly description: string
  /** JSON Schema of one value, for the OpenAPI document. */
  readonly schema: Readonly<Record<string, unknown>>
  readonly repeatable: boolean
  /** A string is what is wrong, in a sentence that goes on after the parameter's name. */
  readonly read: (
    values: readonly string[],
  ) => { readonly value: T } | { readonly wrong: string; readonly code: string }
}

export type ParameterTable = Readonly<Record<string, Parameter<unknown>>>
export type QueryOf<P extends ParameterTable> = {
  readonly [K in keyof P]?: P[K] extends Parameter<infer T> ? T : never
}

/** Throws HttpProblem('invalid') with every problem. */
export function readQuery<P extends ParameterTable>(table: P, search: URLSearchParams): QueryOf<P> {
  const problems: Problem[] = []
  const result: Record<string, unknown> = {}
  for (const name of new Set(search.keys())) {
    const parameter = Object.hasOwn(table, name) ? table[name] : undefined
    if (parameter === undefined) {
      problems.push(unknown(name, Object.keys(table)))
      continue
    }
    const values = search.getAll(name)
    const read =
      values.length > 1 && !parameter.repeatable ? REPEATED : (tooLong(values) ?? parameter.read(values))
    if ('value' in read) result[name] = read.value
    else problems.push({ pointer: `?${name}`, code: read.code, detail: `"${name}" ${read.wrong}` })
  }
  if (problems.length === 0) return result as QueryOf<P>
  throw invalid(problems)
}

const REPEATED = { code: 'duplicate_parameter', wrong: 'stands more than once in the query.' }

function tooLong(values: readonly string[]): { wrong: string; code: string } | null {
  const { queryTextMax } = HTTP_SERVER_LIMITS
  if (values.some((value) => value.length > queryTextMax))
    return { code: 'range', wrong: `has at most ${queryTextMax} characters.` }
  // A text with U+0000 or broken UTF-8 matches nothing that could ever be stored.
  if (values.some((value) => /[\0\ufffd]/.test(value)))
    return { code: 'invalid_text', wrong: 'holds text that is not UTF-8, or U+0000.' }
  return null
}

function unknown(name: string, known: readonly string[]): Problem {
  const meant = nearestWord(name, known)
  const shown = name.slice(0, 60)
  const hint =
    meant !== null
      ? `Did you mean "${meant}"?`
      : known.length === 0
        ? 'There are none.'
        : `Known here: ${known.join(', ')}.`
  const problem = {
    pointer: `?${shown}`,
    code: 'unknown_parameter',
    detail: `The query parameter "${shown}" is not known here. ${hint}`,
  }
  return meant === null ? problem : { ...problem, suggestion: meant }
}

export function text(description: string): Parameter<string> {
  return {
    description,
    schema: { type: 'string' },
    repeatable: false,
    read: ([value = '']) =>
      value === '' ? { code: 'range', wrong: 'is empty. Leave it out instead.' } : { value },
  }
}

export function integer(description: string, min: number, max: number, otherwise: number): Parameter<number> {
  return {
    description,
    schema: { type: 'integer', minimum: min, maximum: max, default: otherwise },
    repeatable: false,
    read: ([value = '']) => {
      const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
      const fits = number >= min && number <= max
      return fits ? { value: number } : { code: 'range', wrong: `is a whole number from ${min} to ${max}.` }
    },
  }
}

export function instant(description: string): Parameter<number> {
  return {
    description: `${description} RFC 3339 with an offset or Z.`,
    schema: { type: 'string', format: 'date-time' },
    repeatable: false,
    read: ([value = '']) => {
      // A "+" of an offset that was not encoded arrives as a blank.
      const parsed = parseInstant(value.replace(/ (?=\d\d:\d\d$)/, '+'))
      if (parsed.kind === 'instant') return { value: parsed.ms }
      return { code: 'format', wrong: 'is an instant with an offset or Z, such as 2027-01-31T09:00:00Z.' }
    },
  }
}

export function choice<const T extends string>(description: string, words: readonly T[]): Parameter<T> {
  return {
    description,
    schema: { type: 'string', enum: [...words] },
    repeatable: false,
    read: ([value = '']) => (isOneOf(words, value) ? { value } : notOneOf(words)),
  }
}

/** Several, as `a,b` or repeated. */
export function choices<const T extends string>(
  description: string,
  words: readonly T[],
): Parameter<readonly T[]> {
  return {
    description: `${description} Several are separated by commas.`,
    schema: { type: 'string', examples: [words.slice(0, 2).join(',')] },
    repeatable: true,
    read: (values) => {
      const all = values.flatMap((value) => value.split(','))
      return all.every((value): value is T => isOneOf(words, value))
        ? { value: [...new Set(all as T[])] }
        : notOneOf(words)
    },
  }
}

export function flag(description: string): Parameter<boolean> {
  return {
    description,
    schema: { type: 'boolean', default: false },
    repeatable: false,
    read: ([value = '']) => {
      if (value === '' || value === 'true' || value === '1') return { value: true }
      return value === 'false' || value === '0'
        ? { value: false }
        : { code: 'enum', wrong: 'is true or false.' }
    },
  }
}

function isOneOf<T extends string>(words: readonly T[], value: string): value is T {
  return (words as readonly string[]).includes(value)
}

function notOneOf(words: readonly string[]): { wrong: string; code: string } {
  return { code: 'enum', wrong: `is one of ${words.join(', ')}.` }
}
