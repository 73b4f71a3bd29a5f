// A command cannot go on, and says why to a person: what, where, and what to do next.

import type { ExitCode } from './exit-code.ts'

/** One thing wrong: where (a flag, a JSON Pointer, a variable), what, and what was probably meant. */
export type Complaint = {
  readonly where: string
  readonly detail: string
  readonly suggestion?: string | undefined
}

export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: ExitCode
  readonly complaints: readonly Complaint[]
  readonly hint: string | null

  constructor(
    exitCode: ExitCode,
    what: string,
    more: {
      readonly complaints?: readonly Complaint[]
      readonly hint?: string | null
      readonly cause?: unknown
    } = {},
  ) {
    super(what, more.cause === undefined ? undefined : { cause: more.cause })
    this.exitCode = exitCode
    this.complaints = more.complaints ?? []
    this.hint = more.hint ?? null
  }
}
