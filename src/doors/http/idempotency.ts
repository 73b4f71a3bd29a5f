// The mark of a request that may be sent again without being carried out again.

import { createHash } from 'node:crypto'
import { HttpProblem } from './http-problem.ts'
import { HTTP_SERVER_LIMITS } from './limits.ts'

export type OnceMark = { readonly key: string; readonly hash: string }

const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

export function onceMark(
  header: string | string[] | undefined,
  request: {
    readonly method: string
    readonly path: string
    /** It may say in which project. */
    readonly query: URLSearchParams
    readonly body: unknown
  },
): OnceMark | undefined {
  if (header === undefined) return undefined
  const { idempotencyKeyMax } = HTTP_SERVER_LIMITS
  if (typeof header !== 'string' || header.length > idempotencyKeyMax || !PRINTABLE.test(header)) {
    const detail = `An Idempotency-Key has 1 to ${idempotencyKeyMax} printable ASCII characters.`
    throw new HttpProblem('invalid_idempotency_key', detail, {
      problems: [{ pointer: 'header:Idempotency-Key', code: 'format', detail }],
    })
  }
  const { method, path, query, body } = request
  const asked = query.size === 0 ? '' : `?${new URLSearchParams([...query].sort())}`
  const text = `${method}\n${path}${asked}\n${JSON.stringify(body) ?? ''}`
  return { key: header, hash: createHash('sha256').update(text).digest('hex') }
}
