// The one error of this library: what the server refused, or why no answer came.

import type { Problem, ProblemDocument } from '../protocol/problem.ts'

/** Codes made here, when there was no answer of the server to take one from. */
export type ClientErrorCode =
  /** No connection, or it broke before the answer. See `cause`. */
  | 'unreachable'
  /** The deadline passed. */
  | 'timed_out'
  /** Something answered, but not Carillon: a proxy, a login page, another program. */
  | 'unexpected_answer'

export type CarillonErrorInit = {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly problems?: readonly Problem[]
  readonly requestId?: string | null
  readonly currentVersion?: number | null
  readonly cause?: unknown
}

export class CarillonError extends Error {
  override readonly name = 'CarillonError'
  /** The HTTP status; 0 when no answer came. */
  readonly status: number
  /** A stable word: one of the server's problem codes, or a {@link ClientErrorCode}. */
  readonly code: string
  /** What is wrong and how to mend it, for a person. */
  readonly detail: string
  /** Every single thing that is wrong with what was sent, with a JSON Pointer to it. */
  readonly problems: readonly Problem[]
  /** Names this request in the server's log. */
  readonly requestId: string | null
  /** With `version_conflict`: the version that is stored now. */
  readonly currentVersion: number | null

  constructor(init: CarillonErrorInit) {
    super(init.detail, init.cause === undefined ? undefined : { cause: init.cause })
    this.status = init.status
    this.code = init.code
    this.detail = init.detail
    this.problems = init.problems ?? []
    this.requestId = init.requestId ?? null
    this.currentVersion = init.currentVersion ?? null
  }
}

/** The error that an answer other than 2xx stands for. */
export async function errorOf(response: Response, url: string): Promise<CarillonError> {
  const text = await response.text().catch(() => '')
  const problem = readProblem(text)
  if (problem === null) return unexpectedAnswer(response, url)
  return new CarillonError({
    status: response.status,
    code: problem.code,
    detail: problem.detail ?? problem.title ?? problem.code,
    problems: problem.errors ?? [],
    requestId: problem.requestId ?? response.headers.get('x-request-id'),
    currentVersion: problem.currentVersion ?? null,
  })
}

function readProblem(text: string): (Partial<ProblemDocument> & { code: string }) | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return null
    return typeof (value as { code?: unknown }).code === 'string' ? (value as ProblemDocument) : null
  } catch {
    return null
  }
}

export function unexpectedAnswer(response: Response, url: string): CarillonError {
  const type = response.headers.get('content-type')?.split(';')[0] ?? 'no content type'
  return new CarillonError({
    status: response.status,
    code: 'unexpected_answer',
    detail: `${url} answered ${response.status} (${type}), which is not an answer of Carillon.`,
    requestId: response.headers.get('x-request-id'),
  })
}
