// What stays of a request while it waits aside: how it goes on, and what its answer and its line in the log need.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { PROBLEM_CONTENT_TYPE } from '../../../protocol/problem.ts'
import { bareReply } from '../bare-reply.ts'
import type { Answer } from '../endpoint.ts'
import { type DoorLogger, problemOf } from '../problem-send.ts'
import { SECURITY_HEADERS } from '../security-headers.ts'

/** How something is waited for. */
export type Waits<Found> = {
  /** `over` is called once, later, unless the wait is ended before. null: it cannot be waited for. */
  begin(waiting: { over(woken: boolean): void }): Wait | null
  end(woken: boolean): Promise<Found>
}

export type Wait = { end(): unknown }

export type Told = {
  readonly method: string
  readonly route: string
  readonly status: number
  readonly ms: number
  readonly requestId: string
  readonly address: string | undefined
}

type Reply = {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const REQUEST_ID = 'x-request-id'
const EVERY: ReadonlyMap<string, string> = new Map(
  Object.entries(SECURITY_HEADERS).map(([name, value]) => [name.toLowerCase(), value]),
)
const EVERY_HEADER = Object.fromEntries(EVERY)

export class RequestAside {
  readonly #waits: Waits<unknown>
  readonly #answerOf: (found: never) => Answer
  readonly #requestId: string
  readonly #method: string
  readonly #route: string
  readonly #address: string | undefined
  /** Beside those of every reply. */
  readonly #headers: Readonly<Record<string, string>>
  readonly #begunAt: number

  constructor(
    waits: Waits<unknown>,
    answerOf: (found: never) => Answer,
    request: FastifyRequest,
    reply: FastifyReply,
    now: number,
  ) {
    this.#waits = waits
    this.#answerOf = answerOf
    // Ids are made of many pieces, each of which would be kept.
    this.#requestId = Buffer.from(request.id, 'latin1').toString('latin1')
    this.#method = request.method
    this.#route = request.routeOptions.url ?? 'none'
    this.#address = request.caller?.address
    this.#begunAt = now - reply.elapsedTime
    const headers: Record<string, string> = {}
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (name !== REQUEST_ID && EVERY.get(name) !== value) headers[name] = String(value)
    }
    this.#headers = headers
  }

  /** Refusals are answers. */
  async end(woken: boolean, logger: DoorLogger): Promise<Reply> {
    try {
      const { status, headers, body } = this.#answerOf((await this.#waits.end(woken)) as never)
      const type = { 'content-type': 'application/json; charset=utf-8' }
      const reason = status === 200 ? 'OK' : ''
      return { status, reason, headers: { ...type, ...headers }, body: JSON.stringify(body) }
    } catch (error) {
      const about = { requestId: this.#requestId, method: this.#method, route: this.#route }
      const { document, headers } = problemOf(error, about, logger)
      const type = { 'content-type': PROBLEM_CONTENT_TYPE }
      const { status, title: reason } = document
      return { status, reason, headers: { ...headers, ...type }, body: JSON.stringify(document) }
    }
  }

  text({ status, reason, headers, body }: Reply, connection: Readonly<Record<string, string>>): string {
    const all = {
      ...EVERY_HEADER,
      [REQUEST_ID]: this.#requestId,
      ...this.#headers,
      ...headers,
      ...connection,
    }
    return bareReply(status, reason, all, body)
  }

  told(status: number, now: number): Told {
    return {
      method: this.#method,
      route: this.#route,
      status,
      ms: Math.round(now - this.#begunAt),
      requestId: this.#requestId,
      address: this.#address,
    }
  }
}
