// Which gRPC status each refusal has. One table; the compiler misses none.

import { Code } from '@connectrpc/connect'
import { codeToString } from '@connectrpc/connect/protocol-connect'
import type { ProblemCode, ProblemDocument } from '../../protocol/problem.ts'
import type { Answer } from '../http/endpoint.ts'

export const GRPC_STATUS = {
  invalid: Code.InvalidArgument,
  unauthenticated: Code.Unauthenticated,
  forbidden: Code.PermissionDenied,
  not_found: Code.NotFound,
  name_taken: Code.AlreadyExists,
  version_conflict: Code.Aborted,
  idempotency_key_reuse: Code.InvalidArgument,
  idempotency_in_flight: Code.Aborted,
  run_final: Code.FailedPrecondition,
  run_not_final: Code.FailedPrecondition,
  job_paused: Code.FailedPrecondition,
  job_finished: Code.FailedPrecondition,
  in_use: Code.FailedPrecondition,
  token_invalid: Code.Unauthenticated,
  session_superseded: Code.Aborted,
  session_ended: Code.FailedPrecondition,
  fence_stale: Code.Aborted,
  log_gap: Code.OutOfRange,
  log_sealed: Code.FailedPrecondition,
  quota_exceeded: Code.ResourceExhausted,
  overloaded: Code.Unavailable,
  storage_unavailable: Code.Unavailable,
  storage_full: Code.ResourceExhausted,
  malformed_json: Code.InvalidArgument,
  malformed_request: Code.InvalidArgument,
  too_complex: Code.InvalidArgument,
  body_too_large: Code.ResourceExhausted,
  unsupported_media_type: Code.InvalidArgument,
  not_acceptable: Code.InvalidArgument,
  method_not_allowed: Code.Unimplemented,
  route_not_found: Code.Unimplemented,
  uri_too_long: Code.InvalidArgument,
  headers_too_large: Code.ResourceExhausted,
  rate_limited: Code.ResourceExhausted,
  request_timeout: Code.DeadlineExceeded,
  invalid_precondition: Code.InvalidArgument,
  invalid_idempotency_key: Code.InvalidArgument,
  key_in_query: Code.InvalidArgument,
  internal: Code.Internal,
} as const satisfies Record<ProblemCode, Code>

export function grpcStatus(code: string): Code {
  return GRPC_STATUS[code as ProblemCode]
}

/** The same refusal where the call came as JSON: https://connectrpc.com/docs/protocol/#error-end-stream */
export function jsonRefusal({ code, status, detail }: ProblemDocument): Answer {
  return {
    status: status === 422 ? 400 : status,
    body: { code: codeToString(grpcStatus(code)), message: detail },
  }
}
