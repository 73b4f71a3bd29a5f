// From whatever was thrown to the document a caller gets. Only what was meant for callers leaves the house:
// of our own faults they hear the id of the request, the rest is in the log.

import { AppError, type Problem } from '../../domain/errors.ts'
import {
  PROBLEM_TYPE_BASE,
  PROBLEMS_MAX,
  type ProblemCode,
  type ProblemDocument,
} from '../../protocol/problem.ts'
import { HttpProblem } from './http-problem.ts'
import { PROBLEM_STATUS, PROBLEM_TITLE } from './problem-status.ts'

export type ProblemReply = {
  readonly document: ProblemDocument
  readonly headers: Readonly<Record<string, string>>
  /** It was our fault: log what was thrown. */
  readonly ours: boolean
}

type Refusal = {
  readonly code: ProblemCode
  readonly detail: string
  readonly problems?: readonly Problem[]
  readonly headers?: Readonly<Record<string, string>>
  readonly members?: Partial<ProblemDocument>
}

const STORE_RETRY_AFTER_S = '5'
const BUSY_RETRY_AFTER_S = '1'

export function problemReply(thrown: unknown, requestId: string): ProblemReply {
  const refusal = refusalOf(thrown)
  if (refusal === null) {
    const detail = `Something went wrong here that is not your fault. Ask the operator about request ${requestId}.`
    return { document: documentOf({ code: 'internal', detail }, requestId), headers: {}, ours: true }
  }
  return {
    document: documentOf(refusal, requestId),
    headers: { ...headersOf(refusal.code), ...refusal.headers },
    ours: refusal.code === 'storage_unavailable' || refusal.code === 'storage_full',
  }
}

function documentOf({ code, detail, problems = [], members }: Refusal, requestId: string): ProblemDocument {
  return {
    type: `${PROBLEM_TYPE_BASE}${code}`,
    title: PROBLEM_TITLE[code],
    status: PROBLEM_STATUS[code],
    detail,
    instance: `/requests/${requestId}`,
    code,
    requestId,
    errors: problems.slice(0, PROBLEMS_MAX).map((problem) => ({ ...problem })),
    ...members,
  }
}

function headersOf(code: ProblemCode): Record<string, string> {
  if (code === 'unauthenticated') return { 'WWW-Authenticate': 'Bearer realm="carillon"' }
  if (code === 'overloaded' || code === 'idempotency_in_flight') return { 'Retry-After': BUSY_RETRY_AFTER_S }
  if (code === 'storage_unavailable' || code === 'storage_full') return { 'Retry-After': STORE_RETRY_AFTER_S }
  return {}
}

function refusalOf(thrown: unknown): Refusal | null {
  if (thrown instanceof HttpProblem) {
    const { code, message: detail, problems, headers, members } = thrown
    return { code, detail, problems, headers, members }
  }
  if (thrown instanceof AppError) {
    return { code: thrown.code, detail: thrown.message, problems: thrown.problems }
  }
  if (!(thrown instanceof Error)) return null
  if (thrown.name === 'StoreUnavailable' || thrown.name === 'BlobStoreUnavailable')
    return storeRefusal(thrown)
  return frameworkRefusal(thrown)
}

/** The door cannot name the stores: it knows this failure by its name, and a full disk by its words. */
function storeRefusal(thrown: Error): Refusal {
  if (/full|ENOSPC|no space/i.test(`${thrown.message} ${String(thrown.cause ?? '')}`)) {
    return {
      code: 'storage_full',
      detail: 'The store has no room left. Nothing was written; ask the operator for space.',
    }
  }
  return {
    code: 'storage_unavailable',
    detail: 'The store does not answer now. Try again; with an Idempotency-Key that is safe.',
  }
}

/** What Fastify refuses before a handler is asked. */
function frameworkRefusal(thrown: Error & { code?: string }): Refusal | null {
  switch (thrown.code) {
    case 'FST_ERR_BAD_URL':
      return {
        code: 'malformed_request',
        detail: 'The path holds a percent sign that is not followed by two hex digits.',
      }
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return {
        code: 'malformed_request',
        detail: 'The body has not the length that Content-Length announced.',
      }
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return {
        code: 'unsupported_media_type',
        detail: 'Send the body as application/json (a PATCH also as application/merge-patch+json), in UTF-8.',
        headers: {
          Accept: 'application/json',
          'Accept-Patch': 'application/merge-patch+json, application/json',
        },
      }
    case 'ECONNRESET':
    case 'ECONNABORTED':
      return { code: 'malformed_request', detail: 'The body ended before it was complete.' }
    default:
      return null
  }
}
