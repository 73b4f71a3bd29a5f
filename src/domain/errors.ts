// The caller is wrong: the closed list of what a command may refuse, and the one error that carries it.
// Each door maps `code` to its own language by one table that the compiler checks for completeness.

export const ERROR_CODES = [
  'invalid', // one or more problems in what was sent; see `problems`
  'unauthenticated',
  'forbidden',
  'not_found',
  'name_taken',
  'version_conflict', // the stored version is not the one the caller named
  'idempotency_key_reuse', // same key, other request
  'idempotency_in_flight',
  'run_final', // the run has ended, its status never changes
  'run_not_final',
  'job_paused',
  'job_finished',
  'in_use',
  'token_invalid', // a join token that is unknown, used, or past its end
  'session_superseded', // a newer session of the same agent has taken its place
  'session_ended', // its lease has run out: open a new one
  'fence_stale', // the attempt is held under another fence
  'log_gap', // a chunk of a log is missing before this one
  'log_sealed', // it takes nothing more
  'quota_exceeded',
  'overloaded',
  'storage_unavailable',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** One thing wrong with an input. `pointer` is a JSON Pointer (RFC 6901) into what the caller sent. */
export type Problem = {
  readonly pointer: string
  readonly code: string
  /** What is wrong, why, and how to mend it: one or two sentences for a person. */
  readonly detail: string
  readonly suggestion?: string
}

/** A name as one step of a pointer (RFC 6901, 3). */
export function pointerStep(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

export class AppError extends Error {
  readonly code: ErrorCode
  readonly problems: readonly Problem[]

  constructor(code: ErrorCode, message: string, problems: readonly Problem[] = []) {
    super(message)
    this.name = 'AppError'
    this.code = code
    this.problems = problems
  }
}

/** A longer one is no help to a person: it is what they sent, sent back. */
const SUGGESTION_MAX = 500

/** Collects every problem of one input, so that a caller hears all of them at once. */
export class Problems {
  readonly list: Problem[] = []

  add(pointer: string, code: string, detail: string, suggestion?: string): void {
    const isShown = suggestion !== undefined && suggestion.length <= SUGGESTION_MAX
    this.list.push(isShown ? { pointer, code, detail, suggestion } : { pointer, code, detail })
  }

  /** Adds the problems of a part, their pointers moved below `pointer`. */
  addAll(pointer: string, problems: readonly Problem[]): void {
    for (const problem of problems) this.list.push({ ...problem, pointer: pointer + problem.pointer })
  }

  get any(): boolean {
    return this.list.length > 0
  }

  throwIfAny(): void {
    const first = this.list[0]
    if (first === undefined) return
    const more = this.list.length - 1
    const summary = more === 0 ? first.detail : `${first.detail} (and ${more} more)`
    throw new AppError('invalid', summary, this.list)
  }
}
