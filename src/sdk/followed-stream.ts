// A stream of server-sent events that comes back by itself after a lost connection, and goes on where it was.

import { CarillonError } from './error.ts'
import { readEventStream, type ServerEvent } from './event-stream.ts'
import { sleep } from './retry-wait.ts'
import type { Transport } from './transport.ts'

const RECONNECT_FIRST_MS = 500
const RECONNECT_LONGEST_MS = 10_000
/** The server says something every 15 s. Three times silence: nobody is there any more. */
const SILENCE_MAX_MS = 45_000

export type StreamOptions = {
  /** Goes on after this event. */
  readonly lastEventId?: string | undefined
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined
  /** Told each time the connection stands. */
  readonly onOpen?: (() => void) | undefined
  /** Told each time the connection has ended or could not be made: until `onOpen` nothing is heard. */
  readonly onLost?: (() => void) | undefined
}

/** The first connection must succeed. A refusal (401, 403, 404) is thrown, also later. Leave the loop to end it. */
export async function* followedStream(
  transport: Transport,
  path: string,
  options: StreamOptions,
): AsyncGenerator<ServerEvent, void, undefined> {
  const { signal } = options
  const place: Place = { lastId: options.lastEventId ?? null, pauseMs: RECONNECT_FIRST_MS, opened: false }
  while (!signal?.aborted) {
    try {
      yield* connection(transport, path, place, options)
    } catch (error) {
      if (signal?.aborted) return
      if (!place.opened || isRefusal(error)) throw error
    }
    options.onLost?.()
    await sleep(place.pauseMs, signal).catch(() => undefined)
    place.pauseMs = Math.min(RECONNECT_LONGEST_MS, place.pauseMs * 2)
  }
}

async function* connection(
  transport: Transport,
  path: string,
  place: Place,
  options: StreamOptions,
): AsyncGenerator<ServerEvent> {
  const ended = new AbortController()
  const signal = options.signal === undefined ? ended.signal : AbortSignal.any([ended.signal, options.signal])
  const headers: Record<string, string> = { accept: 'text/event-stream' }
  if (place.lastId !== null) headers['last-event-id'] = place.lastId
  const silence = new Silence(() => ended.abort(new Error('the event stream fell silent')))
  try {
    const response = await transport.open(path, headers, signal)
    silence.broken()
    place.opened = true
    options.onOpen?.()
    const hear = {
      onByte: () => silence.broken(),
      onRetry: (ms: number) => {
        place.pauseMs = ms
      },
    }
    for await (const event of readEventStream(response.body as ReadableStream<Uint8Array>, hear)) {
      if (event.id !== null) place.lastId = event.id
      place.pauseMs = Math.min(place.pauseMs, RECONNECT_FIRST_MS)
      yield event
    }
  } finally {
    silence.end()
    ended.abort()
  }
}

type Place = { lastId: string | null; pauseMs: number; opened: boolean }

class Silence {
  readonly #tell: () => void
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(tell: () => void) {
    this.#tell = tell
    this.broken()
  }

  broken(): void {
    this.end()
    this.#timer = setTimeout(this.#tell, SILENCE_MAX_MS)
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof CarillonError && error.status >= 400 && error.status < 500 && error.status !== 429
}
