// Can these headers be sent? What HTTP admits in them, and which of them are ours to set.

import { short } from './check-bounds.ts'
import { type Problems, pointerStep } from './errors.ts'
import { HTTP_LIMITS, type HttpTarget } from './target.ts'

/** They frame the request or belong to one connection: whoever sets them can smuggle a second request. */
const FRAMING_HEADERS: readonly string[] = [
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'http2-settings',
]

/** They say which run this is. */
const RUN_HEADERS: readonly string[] = ['idempotency-key', 'traceparent', 'tracestate']

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Why a header may not be set: `framing`, `run`, or null when it may. */
export function reservedHeader(name: string): 'framing' | 'run' | null {
  const lower = name.toLowerCase()
  if (FRAMING_HEADERS.includes(lower) || lower.startsWith('proxy-')) return 'framing'
  return RUN_HEADERS.includes(lower) || lower.startsWith('carillon-') ? 'run' : null
}

/** A name and a value that can stand on the wire as one header. */
export function isHeader(name: string, value: string): boolean {
  return TOKEN.test(name) && FIELD_VALUE.test(value)
}

/** Could they all stand on the wire? What is filled in may hold what no header can. */
export function areHeaders(headers: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(headers).every(([name, value]) => isHeader(name, value))
}

export function checkHeaders(headers: HttpTarget['headers'], problems: Problems, pointer: string): void {
  const entries = Object.entries(headers ?? {})
  const { headersMax, headerBytesMax } = HTTP_LIMITS
  if (entries.length > headersMax) {
    problems.add(
      pointer,
      'headers_too_many',
      `A request has at most ${headersMax} headers, this one ${entries.length}.`,
    )
  }
  const bytes = entries.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0)
  if (bytes > headerBytesMax) {
    problems.add(
      pointer,
      'headers_too_large',
      `The headers take ${bytes} bytes, at most ${headerBytesMax} are sent. Move data into the body.`,
    )
  }
  const seen = new Set<string>()
  // The count is bounded above; so are the problems told about it.
  for (const [name, value] of entries.slice(0, headersMax)) {
    const at = `${pointer}/${pointerStep(name)}`
    checkHeader(name, value, problems, at)
    const lower = name.toLowerCase()
    if (seen.has(lower)) {
      problems.add(
        at,
        'header_duplicate',
        `The header "${short(name)}" is given twice: names differ not by case. Give it once.`,
      )
    }
    seen.add(lower)
  }
}

export function checkHeader(name: string, value: string, problems: Problems, at: string): void {
  if (!TOKEN.test(name)) {
    problems.add(
      at,
      'header_invalid',
      `"${short(name)}" cannot be the name of a header: letters, digits and - are fine; spaces, colons and line breaks are not.`,
    )
    return
  }
  const reserved = reservedHeader(name)
  if (reserved === 'framing') {
    problems.add(
      at,
      'header_reserved',
      `The header "${short(name)}" belongs to the connection and is set by the scheduler. Leave it out.`,
    )
  } else if (reserved === 'run') {
    problems.add(
      at,
      'header_reserved',
      `The header "${short(name)}" is set by the scheduler on every request. Choose another name, such as X-${name}.`,
      `X-${name}`,
    )
  }
  if (!FIELD_VALUE.test(value)) {
    problems.add(
      at,
      'header_invalid',
      `The value of "${short(name)}" has characters that a header cannot carry (line breaks, control characters or letters outside Latin-1). Percent-encode it.`,
    )
  }
}
