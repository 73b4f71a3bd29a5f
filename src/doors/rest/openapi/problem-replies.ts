// Which refusals an endpoint can answer, by status: its own, and those that follow from what it takes.

import { ruleOf } from '../../../domain/actions.ts'
import {
  PROBLEM_CONTENT_TYPE,
  PROBLEM_TYPE_BASE,
  type ProblemCode,
  ProblemDocument,
} from '../../../protocol/problem.ts'
import type { Endpoint } from '../../http/endpoint.ts'
import { PROBLEM_STATUS, PROBLEM_TITLE } from '../../http/problem-status.ts'
import type { Components } from './components.ts'

export function problemCodes(endpoint: Endpoint): ProblemCode[] {
  const codes: ProblemCode[] = ['invalid', 'key_in_query', 'not_acceptable', 'rate_limited', 'internal']
  const { needs } = ruleOf(endpoint.action)
  if (needs !== 'open') codes.push('unauthenticated', 'overloaded', 'storage_unavailable')
  if (needs !== 'open' && needs !== 'any_key') codes.push('forbidden')
  if (endpoint.body !== undefined) {
    codes.push('malformed_json', 'too_complex', 'body_too_large', 'unsupported_media_type', 'storage_full')
  }
  if (endpoint.repeatable)
    codes.push('invalid_idempotency_key', 'idempotency_key_reuse', 'idempotency_in_flight')
  return [...new Set([...codes, ...(endpoint.problems ?? [])])]
}

export function problemReplies(endpoint: Endpoint, components: Components): Record<string, unknown> {
  const byStatus = Map.groupBy(problemCodes(endpoint), (code) => PROBLEM_STATUS[code])
  const sorted = [...byStatus].sort(([a], [b]) => a - b)
  return Object.fromEntries(
    sorted.map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${PROBLEM_TITLE[code].toLowerCase()}`).join('; '),
        headers: { 'X-Request-Id': REQUEST_ID, ...EXTRA_HEADERS[status] },
        content: {
          [PROBLEM_CONTENT_TYPE]: {
            schema: components.refer(ProblemDocument),
            examples: Object.fromEntries(
              codes.map((code) => [code, components.referToExample(`problem_${code}`, problemExample(code))]),
            ),
          },
        },
      },
    ]),
  )
}

export const REQUEST_ID = { description: 'Id of the request.', schema: { type: 'string' } } as const

const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
} as const
const EXTRA_HEADERS: Readonly<Record<number, object>> = {
  401: { 'WWW-Authenticate': { description: 'How to show a key.', schema: { type: 'string' } } },
  429: RETRY_AFTER,
  503: RETRY_AFTER,
  507: RETRY_AFTER,
}

function problemExample(code: ProblemCode): ProblemDocument {
  if (code === 'invalid') return (ProblemDocument as unknown as { examples: ProblemDocument[] }).examples[0]!
  const requestId = 'req_01JGFJJZ00AZ5V9W7Q3K4M6N8P'
  return {
    type: `${PROBLEM_TYPE_BASE}${code}`,
    title: PROBLEM_TITLE[code],
    status: PROBLEM_STATUS[code],
    detail: `${PROBLEM_TITLE[code]}.`,
    instance: `/requests/${requestId}`,
    code,
    requestId,
    errors: [],
  }
}
