// How an agent speaks with its server. Two exist: the sdk over REST, and commands directly for an agent inside a server.
// What is refused is thrown with a `code`; whatever else is thrown means that nobody knows whether it arrived.

import type { Labels } from '../domain/agent.ts'
import type { News } from '../domain/news.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Held } from '../ports/agent-store.ts'
import type { Work } from '../ports/work.ts'

export type Introduction = {
  readonly hostname: string
  readonly pid: number
  readonly version: string
  readonly labels: Labels
  readonly slots: number
  readonly held: readonly Held[]
}

export type Opened = {
  readonly sessionId: string
  readonly name: string
  readonly leaseMs: number
  readonly attached: readonly Held[]
}

export type Offered = {
  readonly works: readonly Work[]
  readonly stop: readonly string[]
  readonly draining: boolean
}

/** What an attempt tells of itself. */
export type LineNews = Held & News

export type LineReport = Held & { readonly outcome: Outcome; readonly agoMs: number }

export type LogName = {
  readonly runId: string
  readonly attempt: number
  readonly part: number
  readonly fence: number
}

/** In the session that is open; without one both throw as if nobody answered. */
export interface LogLine {
  /** Resolves when the chunk is durable at the server. `early`: what comes before it may be under way still. */
  appendLog(log: LogName, sequence: number, frames: Uint8Array, early: boolean): Promise<void>
  sealLog(log: LogName, chunks: number): Promise<void>
}

export interface AgentLine extends LogLine {
  /** The script of an attempt it holds. null: there is none. */
  script(work: Work): Promise<Uint8Array | null>
  open(introduction: Introduction): Promise<Opened>
  lease(
    sessionId: string,
    request: { readonly slots: number; readonly waitMs: number; readonly stopping: readonly string[] },
    signal: AbortSignal,
  ): Promise<Offered>
  /** `held`: everything it has, so that the server finds out what never arrived here. */
  beat(
    sessionId: string,
    held: readonly Held[],
    news: readonly LineNews[],
  ): Promise<{ readonly stop: readonly string[]; readonly gone: readonly Held[] }>
  report(sessionId: string, reports: readonly LineReport[]): Promise<void>
  close(sessionId: string): Promise<void>
}

/** The code of a refusal; null: it was none. */
export function refusalCode(error: unknown): string | null {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' && REFUSALS.includes(code) ? code : null
}

const REFUSALS = [
  'session_superseded',
  'session_ended',
  'unauthenticated',
  'forbidden',
  'invalid',
  'not_found',
  'log_gap',
  'log_sealed',
  'fence_stale',
]

/** With these there is no way on: somebody has to look. */
export const FINAL_REFUSALS: readonly string[] = ['session_superseded', 'unauthenticated', 'forbidden']
