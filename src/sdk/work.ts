// The run protocol: what an agent says to a server.

import type { RotatedSecret } from '../protocol/agent.ts'
import type {
  AttemptNews,
  Beat,
  Held,
  Leased,
  LeaseRequest,
  Report,
  ReportReply,
  Session,
  SessionRequest,
} from '../protocol/work.ts'
import type { CallOptions } from './client-options.ts'
import { segment } from './query.ts'
import type { Transport } from './transport.ts'

/** Of one part of one attempt, under its fence. */
export type LogName = {
  readonly runId: string
  readonly attempt: number
  readonly part: number
  readonly fence: number
}

function logPath(session: string, { runId, attempt, part, fence }: LogName): string {
  return `/v1/agents/self/sessions/${segment(session)}/logs/${segment(runId)}/${attempt}/${part}/${fence}`
}

export class WorkGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Ends the older session of the same agent. */
  open(request: SessionRequest, options: CallOptions = {}): Promise<Session> {
    return this.#transport.call({
      ...options,
      method: 'POST',
      path: '/v1/agents/self/sessions',
      body: request,
    })
  }

  /**
   * Work for free slots, or what is to stop. Never sent a second time by itself: work whose answer was lost on its way is
   * found out by the next beat.
   */
  lease(session: string, request: LeaseRequest, options: CallOptions = {}): Promise<Leased> {
    return this.#post(session, 'lease', request, { ...options, once: true })
  }

  /** Says what goes on, and how; answers with what is to stop and what is no longer its own. */
  beat(
    session: string,
    held: readonly Held[],
    options: CallOptions & { readonly news?: readonly AttemptNews[] } = {},
  ): Promise<Beat> {
    const { news = [], ...rest } = options
    return this.#post(session, 'beat', news.length === 0 ? { held } : { held, news }, rest)
  }

  /** How attempts have ended. May be repeated. */
  report(session: string, reports: readonly Report[], options: CallOptions = {}): Promise<ReportReply> {
    return this.#post(session, 'report', { reports }, options)
  }

  /**
   * Resolves when the chunk is durable. May be repeated: it is taken once. `holdMs`: should it arrive before the one it follows,
   * it waits for that so long; else, and at servers of an older version always, it is refused with `log_gap`.
   */
  async appendLog(
    session: string,
    log: LogName,
    sequence: number,
    frames: Uint8Array,
    { holdMs, ...options }: CallOptions & { readonly holdMs?: number } = {},
  ): Promise<void> {
    const path = `${logPath(session, log)}/chunks/${sequence}`
    const prefer = holdMs === undefined ? {} : { prefer: `wait=${Math.ceil(holdMs / 1_000)}` }
    await this.#transport.call({ ...options, ...prefer, method: 'POST', path, bytes: frames })
  }

  async sealLog(session: string, log: LogName, chunks: number, options: CallOptions = {}): Promise<void> {
    const path = `${logPath(session, log)}/seal`
    await this.#transport.call({ ...options, method: 'POST', path, body: { chunks } })
  }

  /** The script of an attempt it holds. */
  script(session: string, { run, fence }: Held, options: CallOptions = {}): Promise<Uint8Array> {
    const path = `/v1/agents/self/sessions/${segment(session)}/scripts/${segment(run)}/${fence}`
    return this.#transport.bytes(path, options)
  }

  close(session: string, options: CallOptions = {}): Promise<void> {
    const path = `/v1/agents/self/sessions/${segment(session)}`
    return this.#transport.call({ ...options, method: 'DELETE', path })
  }

  /** A new key for the calling agent. Never sent a second time by itself. */
  rotate(options: CallOptions = {}): Promise<RotatedSecret> {
    return this.#transport.call({ ...options, method: 'POST', path: '/v1/agents/self/rotate', once: true })
  }

  #post<T>(
    session: string,
    what: string,
    body: object,
    options: CallOptions & { readonly once?: boolean },
  ): Promise<T> {
    const path = `/v1/agents/self/sessions/${segment(session)}/${what}`
    return this.#transport.call({ ...options, method: 'POST', path, body })
  }
}
