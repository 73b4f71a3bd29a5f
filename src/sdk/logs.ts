// Logs of runs: lines, all of it, and as it grows.

import type { LogEvent, LogInfo, LogLine, LogList, LogPage } from '../protocol/log.ts'
import type { CallOptions } from './client-options.ts'
import { followedStream, type StreamOptions } from './followed-stream.ts'
import { queryString, segment } from './query.ts'
import type { Transport } from './transport.ts'

export type LogStream = LogLine['stream']

/** Left out: the latest attempt that has a log, and its first part. */
export type WhichLog = {
  readonly attempt?: number | undefined
  readonly part?: number | undefined
  /** Only what was written to these. */
  readonly stream?: readonly LogStream[] | undefined
}

export type LogQuery = WhichLog & {
  /** So many of the last lines (the default: 500). */
  readonly tail?: number | undefined
  /** Lines from this number on instead, up to `limit`. */
  readonly from?: number | undefined
  readonly limit?: number | undefined
}

/** Half-open, in bytes of what is asked for. */
export type LogTextQuery = WhichLog & { readonly from?: number | undefined; readonly to?: number | undefined }

export type FollowLogOptions = WhichLog &
  StreamOptions & {
    /** Begin with so many of the last lines of each log. Left out: with the first. */
    readonly tail?: number | undefined
  }

export class LogsGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The logs of a run: one for each attempt and part that was a process. */
  async list(run: string, options: CallOptions = {}): Promise<LogInfo[]> {
    const path = `/v1/runs/${segment(run)}/logs`
    const { items } = await this.#transport.call<LogList>({ ...options, method: 'GET', path })
    return items
  }

  /** Lines of one log: the last ones, or those from a number on. */
  read(run: string, query: LogQuery = {}, options: CallOptions = {}): Promise<LogPage> {
    const path = `/v1/runs/${segment(run)}/log`
    return this.#transport.call({ ...options, method: 'GET', path, query: wire(query) })
  }

  /** A log byte for byte, read bit by bit; of an open one what there is now. */
  async text(
    run: string,
    query: LogTextQuery = {},
    signal: AbortSignal = new AbortController().signal,
  ): Promise<ReadableStream<Uint8Array>> {
    const path = `/v1/runs/${segment(run)}/log/text${queryString(wire(query))}`
    const accept = { accept: 'text/plain, application/problem+json' }
    const response = await this.#transport.open(path, accept, signal)
    return response.body ?? new Blob([]).stream()
  }

  /**
   * Follows the logs of a run until it has ended: what there is, then what comes. Ends with an event `end`. A lost
   * connection is made again; no line is told twice, none is left out.
   */
  async *follow(run: string, options: FollowLogOptions = {}): AsyncGenerator<LogEvent, void, undefined> {
    const { attempt, part, stream, tail } = options
    const query = queryString(wire({ attempt, part, stream, tail }))
    const path = `/v1/runs/${segment(run)}/log/stream${query}`
    for await (const event of followedStream(this.#transport, path, options)) {
      const news = JSON.parse(event.data) as LogEvent
      yield news
      if (news.type === 'end') return
    }
  }
}

function wire({ stream, ...rest }: LogQuery & LogTextQuery): Record<string, string | number | undefined> {
  return { ...rest, stream: stream?.join(',') }
}
