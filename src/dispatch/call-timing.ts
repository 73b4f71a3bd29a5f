// How long a call took to get a connection, and to be answered after that.

import type { CallTiming } from '../domain/outcome.ts'
import type { Exchange } from './exchange.ts'

/** Nothing of what was never sent. */
export function timingOf({ begunAt, sentAt, firstByteAt }: Exchange): { timing?: CallTiming } {
  if (sentAt === null) return {}
  const firstByteMs = firstByteAt === null ? null : tenths(firstByteAt - sentAt)
  return { timing: { connectMs: tenths(sentAt - begunAt), firstByteMs } }
}

/** Finer than that a network is not. */
function tenths(ms: number): number {
  return Math.max(0, Math.round(ms * 10) / 10)
}
