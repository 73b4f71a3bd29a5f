// What an error looks like: RFC 9457, with one entry for each thing that is wrong.

import Type from 'typebox'

/** At most so many problems are reported of one request. */
export const PROBLEMS_MAX = 50
export const PROBLEM_TYPE_BASE = 'https://carillon.dev/problems/'
export const PROBLEM_CONTENT_TYPE = 'application/problem+json'

/** Every `code` a problem document can have. New ones may come; treat an unknown one by its status. */
export const PROBLEM_CODES = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'name_taken',
  'version_conflict',
  'idempotency_key_reuse',
  'idempotency_in_flight',
  'run_final',
  'run_not_final',
  'job_paused',
  'job_finished',
  'in_use',
  'token_invalid',
  'session_superseded',
  'session_ended',
  'fence_stale',
  'log_gap',
  'log_sealed',
  'quota_exceeded',
  'overloaded',
  'storage_unavailable',
  'storage_full',
  'malformed_json',
  'malformed_request',
  'too_complex',
  'body_too_large',
  'unsupported_media_type',
  'not_acceptable',
  'method_not_allowed',
  'route_not_found',
  'uri_too_long',
  'headers_too_large',
  'rate_limited',
  'request_timeout',
  'invalid_precondition',
  'precondition_required',
  'invalid_idempotency_key',
  'key_in_query',
  'internal',
] as const
export type ProblemCode = (typeof PROBLEM_CODES)[number]

export const Problem = Type.Object(
  {
    pointer: Type.String({
      description:
        'JSON Pointer (RFC 6901) into the body; `?name` for a query parameter, `header:Name` for a header.',
      examples: ['/schedule/cron'],
    }),
    code: Type.String({ description: 'A stable word for programs.', examples: ['unknown_field'] }),
    detail: Type.String({ description: 'What is wrong, why, and how to mend it.' }),
    suggestion: Type.Optional(Type.String({ description: 'What was probably meant.' })),
  },
  { title: 'Problem' },
)
export type Problem = Type.Static<typeof Problem>

export const ProblemDocument = Type.Object(
  {
    type: Type.String({ description: 'A stable address for this kind of problem.' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String({ description: 'What is wrong with this request, and how to mend it.' }),
    instance: Type.String({ description: '`/requests/` and the id of the request.' }),
    code: Type.String({ description: 'One of the codes listed under “Errors”.', examples: ['invalid'] }),
    requestId: Type.String(),
    errors: Type.Array(Problem, { maxItems: PROBLEMS_MAX }),
    /** With version_conflict: what is stored now. */
    currentVersion: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  {
    title: 'ProblemDocument',
    description: 'RFC 9457. All problems of a request are reported together.',
    examples: [
      {
        type: 'https://carillon.dev/problems/invalid',
        title: 'The request is not valid',
        status: 422,
        detail: 'The field "shedule" is not known here. Did you mean "schedule"?',
        instance: '/requests/req_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        code: 'invalid',
        requestId: 'req_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
        errors: [
          {
            pointer: '/shedule',
            code: 'unknown_field',
            detail: 'The field "shedule" is not known here. Did you mean "schedule"?',
            suggestion: 'schedule',
          },
        ],
      },
    ],
  },
)
export type ProblemDocument = Type.Static<typeof ProblemDocument>
