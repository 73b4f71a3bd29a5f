// One client that follows live events: written to as fast as it reads, kept awake, and let go when it stalls.

import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { Context } from '../../../commands/context.ts'
import { EVENT_STREAM_LIMITS } from '../../http/limits.ts'
import { type EventFilter, eventText, isShown, type LiveEvents } from './live-events.ts'

const RECONNECT_MS = 2_000

export type EventStreamParts = {
  readonly ctx: Context
  readonly events: LiveEvents
  readonly response: ServerResponse
  readonly afterId: string | null
  readonly filter: EventFilter
  /** Is the key still good? Asked now and then. */
  readonly stillAllowed: () => Promise<boolean>
  /** Ends the stream from our side. */
  readonly signal: AbortSignal
}

/** From here on the answer is ours to write, and it is a stream. */
export function takeOver(reply: FastifyReply, type = 'text/event-stream'): ServerResponse {
  reply.hijack()
  const response = reply.raw
  const headers = Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)])
  response.writeHead(200, {
    ...Object.fromEntries(headers),
    'Content-Type': `${type}; charset=utf-8`,
    'X-Accel-Buffering': 'no',
    // Nothing comes after a stream: kept alive, its connection would hold up a stopping server.
    Connection: 'close',
  })
  response.flushHeaders()
  return response
}

/** Calls `end` when the client has gone; also when it went before anybody listened. */
export function whenGone(response: ServerResponse, end: () => void): void {
  response.once('close', end)
  response.once('error', end)
  if (response.destroyed) end()
}

/** Resolves when the client has gone or was let go. */
export async function streamEvents(parts: EventStreamParts): Promise<void> {
  const { ctx, events, response, afterId, filter } = parts
  const ended = new AbortController()
  const end = (): void => ended.abort()
  whenGone(response, end)
  parts.signal.addEventListener('abort', end, { once: true })
  if (parts.signal.aborted) end()
  const stopHeartbeat = beat(parts, end)
  try {
    response.write(`retry: ${RECONNECT_MS}\n\n`)
    for await (const batch of events.subscribe(afterId, ended.signal)) {
      const text = batch
        .filter((numbered) => isShown(numbered, filter))
        .map(eventText)
        .join('')
      if (text !== '' && !response.write(text)) await drained(ctx, response, ended.signal)
      if (ended.signal.aborted) break
    }
  } finally {
    stopHeartbeat()
    parts.signal.removeEventListener('abort', end)
    ended.abort()
    endStream(ctx, response)
  }
}

/** A comment now and then keeps proxies from closing a quiet stream, and finds out who has gone. */
export function beat(
  { ctx, response, stillAllowed }: Pick<EventStreamParts, 'ctx' | 'response' | 'stillAllowed'>,
  end: () => void,
): () => void {
  let cancel = (): void => {}
  let stopped = false
  const { heartbeatMs, recheckMs } = EVENT_STREAM_LIMITS
  let beatAt = ctx.clock.monotonic() + heartbeatMs
  const arm = (): void => {
    const wait = Math.min(recheckMs, Math.max(0, beatAt - ctx.clock.monotonic()))
    if (!stopped) cancel = ctx.clock.after(wait, () => void tick())
  }
  const tick = async (): Promise<void> => {
    const allowed = await stillAllowed().catch(() => true)
    if (stopped) return
    if (!allowed) return end()
    if (ctx.clock.monotonic() < beatAt) return arm()
    beatAt = ctx.clock.monotonic() + heartbeatMs
    // A client with unread bytes hears enough.
    if (response.writableLength === 0) response.write(': heartbeat\n\n')
    arm()
  }
  arm()
  return () => {
    stopped = true
    cancel()
  }
}

/** Waits until the client has read what was written. One that does not read is cut off. */
export async function drained(ctx: Context, response: ServerResponse, signal: AbortSignal): Promise<void> {
  if (response.destroyed || signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const gone = (): void => resolve()
  const cancel = ctx.clock.after(EVENT_STREAM_LIMITS.stalledMs, () => response.destroy())
  response.once('drain', resolve)
  signal.addEventListener('abort', gone, { once: true })
  if (response.writableLength > EVENT_STREAM_LIMITS.unsentBytesMax) response.destroy()
  await promise
  cancel()
  response.off('drain', resolve)
  signal.removeEventListener('abort', gone)
}

/** What is still unread may be taken, but not for ever. */
export function endStream(ctx: Context, response: ServerResponse): void {
  if (response.destroyed) return
  const cancel = ctx.clock.after(EVENT_STREAM_LIMITS.stalledMs, () => response.destroy())
  response.once('close', cancel)
  response.end()
}
