// From the bytes of a body to a value, strictly: what two readers could take differently is refused.

import type { Problem } from '../../../domain/errors.ts'
import { HttpProblem } from '../http-problem.ts'
import type { JsonLimits } from '../limits.ts'
import { type JsonFinding, scanJson } from './json-scan.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Throws HttpProblem. */
export function readJson(bytes: Uint8Array, limits: JsonLimits): unknown {
  const text = decodeText(bytes)
  if (text.trim() === '') throw malformed('The body is empty. Send a JSON object.', 0)
  const findings = scanJson(text, limits)
  const complex = findings.find(({ kind }) => kind === 'complex')
  if (complex !== undefined) throw refused('too_complex', [complex])
  // What is not JSON at all is said first: findings inside it would only confuse.
  const value = parse(text)
  if (findings.length > 0) {
    const ambiguous = findings.some(({ kind }) => kind === 'ambiguous')
    throw refused(ambiguous ? 'malformed_json' : 'invalid', findings)
  }
  return value
}

function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    const detail = 'The body is not valid UTF-8. Send JSON in UTF-8.'
    throw new HttpProblem('malformed_json', detail, {
      problems: [{ pointer: '', code: 'invalid_text', detail }],
    })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw describe(text, error instanceof Error ? error.message : '')
  }
}

function describe(text: string, message: string): HttpProblem {
  const at = positionOf(text, message)
  if (at === null) return malformed('The body is not JSON.', null)
  if (at >= text.length) return malformed('The body ends in the middle of its JSON', at)
  const line = text.slice(0, at).split('\n').length
  return malformed(`The body is not JSON: ${JSON.stringify(text[at])} in line ${line} is not expected`, at)
}

/** The platform's message says where for some mistakes only; for the others the place is searched, within reason. */
const SEARCHED_MAX = 262_144

function positionOf(text: string, message: string): number | null {
  if (ENDED.test(message)) return text.length
  const said = /at position (\d+)/.exec(message)?.[1]
  if (said !== undefined) return Number(said)
  if (text.length > SEARCHED_MAX) return null
  let good = 0
  let bad = text.length
  // A beginning is bad when it holds the mistake; a good one merely ends too early.
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (isBroken(text.slice(0, middle))) bad = middle
    else good = middle
  }
  return bad - 1
}

const ENDED = /Unexpected end|Unterminated/

function isBroken(text: string): boolean {
  try {
    JSON.parse(text)
    return false
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    const ended = ENDED.test(message) || message.includes(`at position ${text.length} `)
    return !ended
  }
}

function malformed(what: string, at: number | null): HttpProblem {
  const detail = at === null || what.endsWith('.') ? what : `${what} (position ${at}).`
  return new HttpProblem('malformed_json', detail, {
    problems: [{ pointer: '', code: 'malformed_json', detail }],
  })
}

function refused(code: 'too_complex' | 'malformed_json' | 'invalid', findings: JsonFinding[]): HttpProblem {
  const problems: Problem[] = findings.map(({ problem }) => problem)
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return new HttpProblem(code, `${problems[0]!.detail}${more}`, { problems })
}
