// One look over a JSON text before it is parsed: depth, number of values, repeated and forbidden keys, text that
// cannot be stored, numbers that would not survive. Grammar is left to JSON.parse, which comes after; on a
// valid text this scan sees every key, string and number.

import type { Problem } from '../../../domain/errors.ts'
import { PROBLEMS_MAX } from '../../../protocol/problem.ts'
import type { JsonLimits } from '../limits.ts'
import { JsonPath } from './json-path.ts'
import { KeySet } from './key-set.ts'

export type JsonFinding = {
  /** `complex`: the scan stopped there. `ambiguous`: not JSON as we take it. `value`: well-formed, but refused. */
  readonly kind: 'complex' | 'ambiguous' | 'value'
  readonly problem: Problem
}

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const LOWER_U = 0x75
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Stops at the first finding of kind `complex`, and after PROBLEMS_MAX others. */
export function scanJson(text: string, limits: JsonLimits): JsonFinding[] {
  const findings: JsonFinding[] = []
  const path = new JsonPath()
  const keySets: (KeySet | null)[] = []
  let keys: KeySet | null = null
  let keyNext = false
  let values = 1
  let at = 0

  const find = (kind: JsonFinding['kind'], code: string, detail: string): void => {
    findings.push({ kind, problem: { pointer: path.pointer(), code, detail } })
  }

  while (at < text.length && findings.length < PROBLEMS_MAX) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) {
      const end = endOfString(text, at)
      if (keyNext && keys !== null) {
        const key = end.escaped ? decoded(text, at, end.at) : text.slice(at + 1, end.at)
        const parent = path.parentKey()
        path.enterKey(key)
        if (!keys.add(key))
          find('ambiguous', 'duplicate_key', `The key "${shown(key)}" stands twice in this object.`)
        if (key === '__proto__' || (key === 'prototype' && parent === 'constructor'))
          find(
            'value',
            'forbidden_key',
            `The key "${key}" is not accepted: it means something else to many programs.`,
          )
        if (keys.size > limits.keysMax) {
          find('complex', 'too_many_keys', `An object has at most ${limits.keysMax} keys.`)
          return findings
        }
        keyNext = false
      }
      const fault = end.escaped ? textFault(text, at + 1, end.at) : null
      if (fault !== null) find('value', 'invalid_text', fault)
      at = end.at + 1
      continue
    }
    if (char === COMMA) {
      values += 1
      if (values > limits.valuesMax) {
        find('complex', 'too_many_values', `A body has at most ${limits.valuesMax} values.`)
        return findings
      }
      if (keys === null) path.nextElement()
      else keyNext = true
    } else if (char === OPEN_OBJECT || char === OPEN_ARRAY) {
      values += 1
      if (path.depth >= limits.depthMax) {
        find('complex', 'too_deep', `A body nests at most ${limits.depthMax} objects and arrays.`)
        return findings
      }
      keySets.push(keys)
      keyNext = char === OPEN_OBJECT
      keys = keyNext ? new KeySet() : null
      path.open(keyNext)
    } else if (char === CLOSE_OBJECT || char === CLOSE_ARRAY) {
      if (keySets.length === 0) return findings
      keys = keySets.pop() ?? null
      keyNext = false
      path.close()
    } else if (char === MINUS || (char >= 0x30 && char <= 0x39)) {
      const end = endOfNumber(text, at)
      const fault =
        end - at < 16 && !/[eE]/.test(text.slice(at, end)) ? null : numberFault(text.slice(at, end))
      if (fault !== null) find('value', 'range', fault)
      at = end
      continue
    } else if (char === COLON) keyNext = false
    at += 1
  }
  return findings
}

function endOfString(text: string, start: number): { at: number; escaped: boolean } {
  let escaped = false
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) return { at, escaped }
    if (char === BACKSLASH) {
      escaped = true
      at += 1
    }
  }
  return { at: text.length, escaped }
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && /[0-9.eE+-]/.test(text[at]!)) at += 1
  return at
}

/** Half a surrogate pair is no character; U+0000 cannot be stored. Both can only come as an escape. */
function textFault(text: string, start: number, end: number): string | null {
  for (let at = start; at < end; at += 1) {
    if (text.charCodeAt(at) !== BACKSLASH) continue
    at += 1
    if (text.charCodeAt(at) !== LOWER_U) continue
    const unit = unitAt(text, at)
    at += 4
    if (unit === 0) return 'This text holds the character U+0000, which cannot be stored.'
    if (unit >= 0xdc00 && unit <= 0xdfff) return HALF_CHARACTER
    if (unit < 0xd800 || unit > 0xdbff) continue
    const second = text.startsWith('\\u', at + 1) ? unitAt(text, at + 2) : 0
    if (second < 0xdc00 || second > 0xdfff) return HALF_CHARACTER
    at += 6
  }
  return null
}

const HALF_CHARACTER = 'This text holds half of a surrogate pair, which is not a character.'

/** NaN when these are no four hex digits; JSON.parse says so later. */
function unitAt(text: string, u: number): number {
  const digits = text.slice(u + 1, u + 5)
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN
}

function numberFault(token: string): string | null {
  const value = Number(token)
  if (Number.isNaN(value)) return null
  if (!Number.isFinite(value)) return `The number ${shown(token)} is too large. Send it as text.`
  if (/^-?\d+$/.test(token) && !Number.isSafeInteger(value))
    return `The number ${shown(token)} is too large to be kept exactly. Send it as text.`
  return null
}

function decoded(text: string, start: number, end: number): string {
  try {
    return JSON.parse(text.slice(start, end + 1)) as string
  } catch {
    return text.slice(start + 1, end)
  }
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
