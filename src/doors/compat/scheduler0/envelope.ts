// How this system wraps what it says: { data, success }.

import type { ProblemDocument } from '../../../protocol/problem.ts'
import type { Answer } from '../../http/endpoint.ts'

const HEADERS = { 'Access-Control-Allow-Origin': '*', 'X-Frame-Options': 'DENY' }

export function told(status: number, data: unknown, headers: Record<string, string> = {}): Answer {
  return { status, body: { data, success: true }, headers: { ...HEADERS, ...headers } }
}

export function nothing(): Answer {
  return { status: 204, headers: HEADERS }
}

/** A text; where projects are made or changed, an object with the status once more. */
export function refused(document: ProblemDocument, { path }: { readonly path: string }): Answer {
  const status = STATUS[document.code] ?? document.status
  const text = document.code === 'unauthenticated' ? 'unauthorized requests' : document.detail
  const aboutProjects = /^\/(?:api\/)?v1\/projects$/.test(path) && status < 401
  const data = aboutProjects ? { Message: text, Type: status } : text
  return { status, body: { data, success: false }, headers: HEADERS }
}

/** Where it had another number for the same. */
const STATUS: Readonly<Record<string, number>> = {
  invalid: 400,
  name_taken: 400,
  in_use: 400,
  unsupported_media_type: 400,
}
