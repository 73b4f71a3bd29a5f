// What the HTTP layer itself refuses: wrong media type, too large, too fast … Commands refuse with AppError.

import type { Problem } from '../../domain/errors.ts'
import type { ProblemCode, ProblemDocument } from '../../protocol/problem.ts'

export class HttpProblem extends Error {
  override readonly name = 'HttpProblem'
  readonly code: ProblemCode
  readonly problems: readonly Problem[]
  readonly headers: Readonly<Record<string, string>>
  /** Further members of the document. */
  readonly members: Partial<ProblemDocument>

  constructor(code: ProblemCode, detail: string, more: HttpProblemParts = {}) {
    // Nobody is shown where it was thrown, and finding that out costs more than the rest of a refusal.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(detail)
    Error.stackTraceLimit = stackTraceLimit
    this.code = code
    this.problems = more.problems ?? []
    this.headers = more.headers ?? {}
    this.members = more.members ?? {}
  }
}

export type HttpProblemParts = {
  readonly problems?: readonly Problem[]
  readonly headers?: Readonly<Record<string, string>>
  readonly members?: Partial<ProblemDocument>
}

/** Everything that is wrong with one input, under one summary. */
export function invalid(problems: readonly Problem[]): HttpProblem {
  const first = problems[0]
  if (first === undefined) throw new Error('nothing is wrong')
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return new HttpProblem('invalid', `${first.detail}${more}`, { problems })
}
