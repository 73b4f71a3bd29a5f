// What the client of the kill test knows at its end: what it asked for, and what it was answered.

import type { JobDraft } from '../../src/sdk/index.ts'

/** What the client was told of, and what it does not know. */
export type Asked = {
  /** Acknowledged: name of a created one-time job, id of a triggered run by the key of its request. */
  readonly created: Set<string>
  readonly triggered: Map<string, string>
  /** Refused for good: must not be there. */
  readonly refused: Set<string>
  /** Requests that were answered otherwise when they were sent again. */
  readonly changed: string[]
  repeats: number
}

/** From the server's answers: when each job began and when it was paused for good. */
export type Life = { readonly draft: JobDraft; readonly createdAt: number; pausedAt: number }
