// Which gRPC status each refusal has. One table; the compiler misses none.

import type { ProblemCode, ProblemDocument } from '../../protocol/problem.ts'
import type { Answer } from '../http/endpoint.ts'

/** https://grpc.io/docs/guides/status-codes/, by the names that JSON calls have for them. */
export const GRPC = {
  ok: 0,
  canceled: 1,
  unknown: 2,
  invalid_argument: 3,
  deadline_exceeded: 4,
  not_found: 5,
  already_exists: 6,
  permission_denied: 7,
  resource_exhausted: 8,
  failed_precondition: 9,
  aborted: 10,
  out_of_range: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  data_loss: 15,
  unauthenticated: 16,
} as const

type GrpcName = keyof typeof GRPC

/** What the protocol itself refuses, with the status that it has for that. */
export class GrpcRefusal extends Error {
  override readonly name = 'GrpcRefusal'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export const GRPC_STATUS = {
  invalid: 'invalid_argument',
  unauthenticated: 'unauthenticated',
  forbidden: 'permission_denied',
  not_found: 'not_found',
  name_taken: 'already_exists',
  version_conflict: 'aborted',
  idempotency_key_reuse: 'invalid_argument',
  idempotency_in_flight: 'aborted',
  run_final: 'failed_precondition',
  run_not_final: 'failed_precondition',
  job_paused: 'failed_precondition',
  job_finished: 'failed_precondition',
  in_use: 'failed_precondition',
  token_invalid: 'unauthenticated',
  session_superseded: 'aborted',
  session_ended: 'failed_precondition',
  fence_stale: 'aborted',
  log_gap: 'out_of_range',
  log_sealed: 'failed_precondition',
  quota_exceeded: 'resource_exhausted',
  overloaded: 'unavailable',
  storage_unavailable: 'unavailable',
  storage_full: 'resource_exhausted',
  malformed_json: 'invalid_argument',
  malformed_request: 'invalid_argument',
  too_complex: 'invalid_argument',
  body_too_large: 'resource_exhausted',
  unsupported_media_type: 'invalid_argument',
  not_acceptable: 'invalid_argument',
  method_not_allowed: 'unimplemented',
  route_not_found: 'unimplemented',
  uri_too_long: 'invalid_argument',
  headers_too_large: 'resource_exhausted',
  rate_limited: 'resource_exhausted',
  request_timeout: 'deadline_exceeded',
  invalid_precondition: 'invalid_argument',
  precondition_required: 'failed_precondition',
  invalid_idempotency_key: 'invalid_argument',
  key_in_query: 'invalid_argument',
  internal: 'internal',
} as const satisfies Record<ProblemCode, GrpcName>

export function grpcStatus(code: string): number {
  return GRPC[nameOf(code)]
}

/** The same refusal where the call came as JSON: https://connectrpc.com/docs/protocol/#error-end-stream */
export function jsonRefusal({ code, status, detail }: ProblemDocument): Answer {
  return {
    status: status === 422 ? 400 : status,
    body: { code: nameOf(code), message: detail },
  }
}

function nameOf(code: string): GrpcName {
  return GRPC_STATUS[code as ProblemCode]
}
