// Why a value does not fit a wire schema: every problem at once, each said in words for whoever wrote the
// request. Walks the subset of JSON Schema that src/protocol uses; a test holds it against the compiled check.

import type { TSchema } from 'typebox'
import { type Problem, pointerStep } from '../../../domain/errors.ts'
import { PROBLEMS_MAX } from '../../../protocol/problem.ts'
import { nearestWord } from '../nearest-word.ts'
import { kindOf, listed, type Schema, wordsFor } from './schema-words.ts'

export function mismatches(schema: TSchema | Schema, value: unknown, pointer = ''): Problem[] {
  const found: Problem[] = []
  walk(schema as Schema, value, pointer, found)
  return found
}

function walk(schema: Schema, value: unknown, pointer: string, found: Problem[]): void {
  if (found.length >= PROBLEMS_MAX) return
  if (schema.anyOf !== undefined) return walkUnion(schema, schema.anyOf, value, pointer, found)
  if (schema.enum !== undefined) return walkEnum(schema.enum, value, pointer, found)
  if (schema.const !== undefined) return walkEnum([schema.const], value, pointer, found)
  if (schema.type === undefined) return
  if (!kindOf(value, schema.type))
    return add(
      found,
      pointer,
      'type',
      `${subject(pointer)} must be ${wordsFor(schema)}, not ${wordFor(value)}.`,
    )
  if (schema.type === 'object') walkObject(schema, value as Record<string, unknown>, pointer, found)
  else if (schema.type === 'array') walkArray(schema, value as unknown[], pointer, found)
  else if (schema.type === 'string') walkText(schema, value as string, pointer, found)
  else if (schema.type === 'integer' || schema.type === 'number')
    walkNumber(schema, value as number, pointer, found)
}

function walkObject(schema: Schema, value: Record<string, unknown>, pointer: string, found: Problem[]): void {
  const properties = schema.properties ?? {}
  const known = Object.keys(properties)
  for (const key of Object.keys(value)) {
    const at = `${pointer}/${pointerStep(key)}`
    const property = Object.hasOwn(properties, key)
      ? properties[key]
      : Object.values(schema.patternProperties ?? {})[0]
    if (property !== undefined) walk(property, value[key], at, found)
    else if (schema.additionalProperties === false) addUnknown(found, at, key, known)
  }
  for (const key of schema.required ?? []) {
    if (Object.hasOwn(value, key)) continue
    const about = properties[key]?.description
    add(
      found,
      `${pointer}/${pointerStep(key)}`,
      'required',
      `"${key}" is missing.${about === undefined ? '' : ` ${about}`}`,
    )
  }
}

function addUnknown(found: Problem[], pointer: string, key: string, known: string[]): void {
  const meant = nearestWord(key, known)
  const name = key.length > 60 ? `${key.slice(0, 60)}…` : key
  const hint = meant === null ? `Known here: ${known.join(', ')}.` : `Did you mean "${meant}"?`
  add(found, pointer, 'unknown_field', `The field "${name}" is not known here. ${hint}`, meant)
}

function walkArray(schema: Schema, value: unknown[], pointer: string, found: Problem[]): void {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema
  if (value.length < minItems)
    add(
      found,
      pointer,
      'range',
      `${subject(pointer)} needs at least ${minItems} ${minItems === 1 ? 'element' : 'elements'}.`,
    )
  if (value.length > maxItems)
    return add(
      found,
      pointer,
      'range',
      `${subject(pointer)} has at most ${maxItems} elements, not ${value.length}.`,
    )
  if (schema.items === undefined) return
  for (let n = 0; n < value.length && found.length < PROBLEMS_MAX; n += 1) {
    walk(schema.items, value[n], `${pointer}/${n}`, found)
  }
}

function walkText(schema: Schema, value: string, pointer: string, found: Problem[]): void {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema
  if (value.length < minLength)
    add(
      found,
      pointer,
      'range',
      minLength === 1
        ? `${subject(pointer)} must not be empty.`
        : `${subject(pointer)} has at least ${minLength} characters.`,
    )
  else if (value.length > maxLength)
    add(
      found,
      pointer,
      'range',
      `${subject(pointer)} has at most ${maxLength} characters, not ${value.length}.`,
    )
  else if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value))
    add(found, pointer, 'format', `${subject(pointer)} does not have the form ${schema.pattern}.`)
}

function walkNumber(schema: Schema, value: number, pointer: string, found: Problem[]): void {
  const { minimum, maximum, exclusiveMinimum } = schema
  const low = minimum !== undefined && value < minimum
  const tooLow = exclusiveMinimum !== undefined && value <= exclusiveMinimum
  const high = maximum !== undefined && value > maximum
  if (!low && !tooLow && !high) return
  const from = exclusiveMinimum === undefined ? `from ${minimum ?? 'any'}` : `above ${exclusiveMinimum}`
  add(
    found,
    pointer,
    'range',
    `${subject(pointer)} must be ${from}${maximum === undefined ? '' : ` up to ${maximum}`}, not ${value}.`,
  )
}

function walkEnum(allowed: readonly unknown[], value: unknown, pointer: string, found: Problem[]): void {
  if (allowed.includes(value)) return
  const words = allowed.map(String)
  const meant = typeof value === 'string' ? nearestWord(value, words) : null
  const wrong = typeof value === 'string' ? 'enum' : 'type'
  add(
    found,
    pointer,
    wrong,
    `${subject(pointer)} must be ${allowed.length === 1 ? '' : 'one of '}${listed(words)}, not ${wordFor(value)}.`,
    meant,
  )
}

/** The one alternative that was meant is the one of the value's own kind; its problems are told, not all branches'. */
function walkUnion(
  schema: Schema,
  branches: readonly Schema[],
  value: unknown,
  pointer: string,
  found: Problem[],
): void {
  const sameKind = branches.filter((branch) => kindOf(value, branch.type ?? enumKind(branch)))
  if (sameKind.length === 0) {
    return add(
      found,
      pointer,
      'type',
      `${subject(pointer)} must be ${wordsFor(schema)}, not ${wordFor(value)}.`,
    )
  }
  const tries = sameKind.map((branch) => mismatches(branch, value, pointer))
  const best = tries.reduce((least, next) => (next.length < least.length ? next : least))
  for (const problem of best) if (found.length < PROBLEMS_MAX) found.push(problem)
}

function enumKind(branch: Schema): string | undefined {
  return branch.enum === undefined && branch.const === undefined ? undefined : 'string'
}

/** The last word of a pointer, with the list it stands in: "delays/2". */
function subject(pointer: string): string {
  if (pointer === '') return 'The body'
  const name = /[^/]*(?:\/\d+)*$/.exec(pointer)?.[0] ?? pointer
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name)
}

function wordFor(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value !== 'string') return String(value)
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
}

function add(
  found: Problem[],
  pointer: string,
  code: string,
  detail: string,
  suggestion: string | null = null,
): void {
  if (found.length >= PROBLEMS_MAX) return
  found.push(suggestion === null ? { pointer, code, detail } : { pointer, code, detail, suggestion })
}
