// What the ledger keeps of an answer: bounded, readable, and without what could be used to log in.

import type { ResponseRecord } from '../domain/outcome.ts'
import type { Exchange, WireHeaders } from './exchange.ts'
import { utf8Text } from './utf8-text.ts'

export const RECORDED_HEADERS_MAX = 50
export const RECORDED_HEADER_BYTES_MAX = 8_192

const SECRET_NAME =
  /^set-cookie|cookie$|authorization|authenticat|token|secret|password|api-?key|credential|session/
const HIDDEN = '[hidden]'
const EMPTY = Buffer.alloc(0)

export function responseRecord(exchange: Exchange): ResponseRecord {
  return {
    status: exchange.status,
    headers: recordedHeaders(exchange.headers),
    body: bodyText(exchange),
    bodyBytes: exchange.bytes,
    truncated: exchange.truncated,
  }
}

function bodyText(exchange: Exchange): string {
  const encoding = encodingOf(exchange.headers)
  // Asked not to compress, it did: decompressing could turn kilobytes into gigabytes.
  if (encoding !== null) return `[${encoding} body, ${exchange.bytes} bytes]`
  return utf8Text(exchange.body() ?? EMPTY, exchange.truncated)
}

function encodingOf(headers: WireHeaders): string | null {
  const value = headers['content-encoding']
  if (value === undefined) return null
  const text = String(value).trim().toLowerCase()
  if (text === '' || text === 'identity') return null
  return /^[a-z0-9, _-]{1,40}$/.test(text) ? text : 'encoded'
}

function recordedHeaders(headers: WireHeaders): Record<string, string> {
  const recorded: Record<string, string> = {}
  let count = 0
  let room = RECORDED_HEADER_BYTES_MAX
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined) continue
    const text = SECRET_NAME.test(name) ? HIDDEN : typeof value === 'string' ? value : value.join(', ')
    room -= name.length + text.length
    count += 1
    if (room < 0 || count > RECORDED_HEADERS_MAX) break
    recorded[name] = text
  }
  return recorded
}
