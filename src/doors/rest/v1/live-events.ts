// What this door needs to know of live events, and which of them a caller gets to see.

import { entersProject, holds } from '../../../commands/authorize.ts'
import type { Principal } from '../../../domain/api-key.ts'
import type { Event } from '../../../protocol/event.ts'
import { iso } from './present.ts'

export type LiveEvent = {
  readonly type: string
  readonly at: number
  readonly projectId: string
  readonly jobId: string | null
  readonly runId: string | null
  readonly data: Readonly<Record<string, unknown>>
}

export type NumberedEvent = { readonly id: string; readonly event: LiveEvent }

export interface LiveEvents {
  /**
   * What came after `afterId`, then what comes, in batches, until `signal` aborts or the watcher has fallen too
   * far behind. Where `afterId` is no longer known, an event of type `reset` comes first.
   */
  subscribe(afterId: string | null, signal: AbortSignal): AsyncIterable<readonly NumberedEvent[]>
}

export type EventFilter = {
  readonly who: Principal
  /** Exact types, or `run.*`; empty: all. */
  readonly types: readonly string[]
  readonly jobId: string | null
  readonly projectId: string | null
}

/** Tells a watcher that events were lost: it has to read the ledger again. Everybody gets it. */
const RESET = 'reset'

export function isShown({ event }: NumberedEvent, filter: EventFilter): boolean {
  if (event.type === RESET) return true
  if (!entersProject(filter.who, event.projectId)) return false
  if (!event.type.startsWith('run.') && !holds(filter.who, 'jobs:read')) return false
  if (filter.projectId !== null && event.projectId !== filter.projectId) return false
  if (filter.jobId !== null && event.jobId !== filter.jobId) return false
  return filter.types.length === 0 || filter.types.some((type) => covers(type, event.type))
}

function covers(wanted: string, type: string): boolean {
  return wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted
}

export function presentEvent({ type, at, projectId, jobId, runId, data }: LiveEvent): Event {
  return { type, at: iso(at), projectId, jobId, runId, data: { ...data } }
}

/** One server-sent event. JSON has no line breaks of its own, so `data` is one line. */
export function eventText({ id, event }: NumberedEvent): string {
  return `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(presentEvent(event))}\n\n`
}
