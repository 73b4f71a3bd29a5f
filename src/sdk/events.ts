// Live events, as an async iterable that comes back by itself after a lost connection.

import type { Event } from '../protocol/event.ts'
import { followedStream } from './followed-stream.ts'
import { queryString } from './query.ts'
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
    const { types, job, project } = options
    const path = `/v1/events${queryString({ types: types?.join(','), job, project })}`
    for await (const event of followedStream(this.#transport, path, options)) {
      yield { id: event.id, ...(JSON.parse(event.data) as Event) }
    }
  }
}
