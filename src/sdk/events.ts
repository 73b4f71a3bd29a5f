// Live events, as an async iterable that comes back by itself after a lost connection.

import type { Event } from '../protocol/event.ts'
import { CarillonError } from './error.ts'
import { readEventStream } from './event-stream.ts'
import { queryString } from './query.ts'
import { sleep } from './retry-wait.ts'
import type { Transport } from './transport.ts'

/** An event with its place in the stream. Type `reset`: some were lost; look at the ledger, then go on. */
export type LiveEvent = Event & { readonly id: string | null }

export type FollowOptions = {
  /** Only these types; `run.*` stands for all that begin so. Default: all. */
  readonly types?: readonly string[] | undefined
  /** Name or id of a job. */
  readonly job?: string | undefined
  /** Name or id of a project. */
  readonly project?: string | undefined
  /** Goes on after this event, as far back as the server remembers. */
  readonly lastEventId?: string | undefined
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined
  /** Told each time the connection stands: from here on nothing is missed. */
  readonly onOpen?: (() => void) | undefined
  /** Told each time the connection has ended or could not be made: until `onOpen` nothing is heard. */
  readonly onLost?: (() => void) | undefined
}

const RECONNECT_FIRST_MS = 500
const RECONNECT_LONGEST_MS = 10_000
/** The server says something every 15 s. Three times silence: nobody is there any more. */
const SILENCE_MAX_MS = 45_000

export class EventsGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Follows what happens until the signal ends it or the loop is left. The first connection must succeed; after
   * that a lost one is made again, resuming after the last event. A refusal (401, 403, 404) is thrown.
   */
  async *follow(options: FollowOptions = {}): AsyncGenerator<LiveEvent, void, undefined> {
    const { types, job, project, signal } = options
    const path = `/v1/events${queryString({ types: types?.join(','), job, project })}`
    const place: Place = { lastId: options.lastEventId ?? null, pauseMs: RECONNECT_FIRST_MS, opened: false }
    while (!signal?.aborted) {
      try {
        yield* this.#connection(path, place, options)
      } catch (error) {
        if (signal?.aborted) return
        if (!place.opened || isRefusal(error)) throw error
      }
      options.onLost?.()
      await sleep(place.pauseMs, signal).catch(() => undefined)
      place.pauseMs = Math.min(RECONNECT_LONGEST_MS, place.pauseMs * 2)
    }
  }

  async *#connection(path: string, place: Place, options: FollowOptions): AsyncGenerator<LiveEvent> {
    const ended = new AbortController()
    const signal =
      options.signal === undefined ? ended.signal : AbortSignal.any([ended.signal, options.signal])
    const headers: Record<string, string> = { accept: 'text/event-stream' }
    if (place.lastId !== null) headers['last-event-id'] = place.lastId
    const silence = new Silence(() => ended.abort(new Error('the event stream fell silent')))
    try {
      const response = await this.#transport.open(path, headers, signal)
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
        yield { id: event.id, ...(JSON.parse(event.data) as Event) }
      }
    } finally {
      silence.end()
      ended.abort()
    }
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
