// A connection of an agent. A request on it may wait for long without costing what a request costs: while it waits, the connection
// is kept and a few words of the request; parser, stream, request and reply are not. All that is read is read by the HTTP server.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Answer } from '../endpoint.ts'
import type { DoorLogger } from '../problem-send.ts'
import { Lane } from './lane.ts'
import { RequestAside, type Told, type Wait, type Waits } from './request-aside.ts'

/** A longer request waits as every other. */
const TEXT_MAX = 4_096
/** As Node: whoever keeps to what it was told is not cut off in the middle of its next request. */
const KEEP_ALIVE_SLACK_MS = 1_000
const HEAD_END = '\r\n\r\n'
/** What changes how a request is read or answered: whoever sends it waits as every other. */
const UNUSUAL = ['transfer-encoding', 'expect', 'upgrade', 'trailer'] as const

/** What all connections of a server have in common. */
export type Yard = {
  readonly serve: (lane: Lane) => void
  readonly logger: DoorLogger
  readonly told: (told: Told) => void
  /** No connection is kept any more. */
  readonly leaving: () => boolean
  readonly now: () => number
  readonly monotonic: () => number
  readonly keepAliveMs: () => number
  /** Of a connection on which nothing moves. The HTTP server cannot hold a lane to it. */
  readonly stalledMs: () => number
  /** Those that the HTTP server does not know at this moment: their request waits, or none has come since. */
  readonly apart: Set<AgentConnection>
}

const OF = Symbol('connection')
type Watched = Socket & { [OF]?: AgentConnection }

export class AgentConnection {
  readonly #raw: Socket
  readonly #yard: Yard
  #lane: Lane | null = null
  #current: IncomingMessage | null = null
  /** The first of the request under way: where its head ends is seen there. */
  #text = ''
  #received = 0
  /** One request after the other, each of a length that is known: only then is what was received the request and nothing else. */
  #plain = true
  #aside: RequestAside | null = null
  /** null: nothing is waited for, be it that the answer is being made. */
  #wait: Wait | null = null
  /** Came before the answer, and is read after it. */
  #early: Buffer | null = null

  constructor(raw: Socket, yard: Yard) {
    this.#raw = raw
    this.#yard = yard
    const watched: Watched = raw
    watched[OF] = this
    raw.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onError).on('timeout', onTimeout)
  }

  static of({ socket }: { readonly socket: unknown }): AgentConnection | null {
    return socket instanceof Lane ? ((socket.raw as Watched)[OF] ?? null) : null
  }

  receive(chunk: Buffer): void {
    if (this.#aside !== null) {
      // Not a client that only waits: it has its answer now.
      this.#raw.pause()
      this.#early = chunk
      this.over(false)
      return
    }
    this.#raw.setTimeout(this.#yard.stalledMs())
    const lane = this.#lane ?? this.#open()
    this.#received += chunk.length
    const room = TEXT_MAX - this.#text.length
    if (room > 0) this.#text += chunk.toString('latin1', 0, room)
    if (!lane.push(chunk)) this.#raw.pause()
  }

  begun(request: IncomingMessage): void {
    if (this.#current !== null) this.#plain = false
    this.#current = request
  }

  answered(request: IncomingMessage): void {
    if (request !== this.#current || this.#received !== this.#lengthOf(request)) this.#plain = false
    // Another one is under way already.
    if (request !== this.#current) return
    this.#current = null
    this.#forget()
    this.#raw.setTimeout(this.#yard.keepAliveMs() + KEEP_ALIVE_SLACK_MS)
  }

  /** false: it has to wait as it is. true: nothing may be answered to this request any more. */
  setAside<Found>(
    request: FastifyRequest,
    reply: FastifyReply,
    waits: Waits<Found>,
    answerOf: (found: Found) => Answer,
  ): boolean {
    const lane = this.#lane
    if (lane === null || lane.destroyed || !this.#mayWait(request.raw) || this.#yard.leaving()) return false
    const wait = waits.begin(this)
    if (wait === null) return false
    this.#aside = new RequestAside(waits, answerOf, request, reply, this.#yard.monotonic())
    this.#wait = wait
    reply.hijack()
    this.#lane = null
    this.#current = null
    this.#forget()
    this.#yard.apart.add(this)
    // A wait has an end of its own.
    this.#raw.setTimeout(0)
    lane.destroy()
    this.#raw.resume()
    return true
  }

  /** The wait has an end: the answer is made. */
  over(woken: boolean): void {
    const aside = this.#aside
    const wait = this.#wait
    if (aside === null || wait === null) return
    this.#wait = null
    wait.end()
    void this.#answer(aside, woken)
  }

  /** Whoever waits has an answer, whoever does not is let go. */
  stop(): void {
    if (this.#aside === null) this.#raw.destroySoon()
    else this.over(false)
  }

  ended(): void {
    if (this.#lane === null) this.#raw.destroy()
    else this.#lane.push(null)
  }

  closed(): void {
    this.#yard.apart.delete(this)
    this.#wait?.end()
    this.#wait = null
    this.#early = null
    this.#lane?.destroy()
  }

  /** Nothing has come for long after an answer, or nothing of one is taken. */
  timedOut(): void {
    this.#raw.destroy()
  }

  #open(): Lane {
    const lane = new Lane(this.#raw, (left) => {
      if (this.#lane === left) this.#raw.destroy()
    })
    this.#lane = lane
    this.#yard.apart.delete(this)
    this.#yard.serve(lane)
    return lane
  }

  #mayWait(request: IncomingMessage): boolean {
    const { headers, httpVersion } = request
    if (!this.#plain || request !== this.#current || this.#raw.readableEnded) return false
    if (httpVersion !== '1.1' || (headers.connection ?? 'keep-alive').toLowerCase() !== 'keep-alive')
      return false
    if (UNUSUAL.some((name) => headers[name] !== undefined)) return false
    return this.#received <= TEXT_MAX && this.#received === this.#lengthOf(request)
  }

  /** null: not known. */
  #lengthOf({ headers }: IncomingMessage): number | null {
    const end = this.#text.indexOf(HEAD_END)
    if (end < 0 || headers['transfer-encoding'] !== undefined) return null
    return end + HEAD_END.length + Number(headers['content-length'] ?? 0)
  }

  async #answer(aside: RequestAside, woken: boolean): Promise<void> {
    const { logger, leaving, told, now, monotonic, keepAliveMs } = this.#yard
    const reply = await aside.end(woken, logger)
    if (this.#raw.destroyed) return
    const closes = leaving()
    const kept = { connection: 'keep-alive', 'keep-alive': `timeout=${Math.floor(keepAliveMs() / 1_000)}` }
    const date = new Date(now()).toUTCString()
    const text = aside.text(reply, { date, ...(closes ? { connection: 'close' } : kept) })
    this.#raw.write(text, (error) => {
      if (error === null || error === undefined) told(aside.told(reply.status, monotonic()))
    })
    this.#aside = null
    if (closes) this.#raw.destroySoon()
    else this.#goOn()
  }

  #goOn(): void {
    const early = this.#early
    this.#early = null
    this.#raw.setTimeout(this.#yard.keepAliveMs() + KEEP_ALIVE_SLACK_MS)
    if (early === null) return
    this.receive(early)
    this.#raw.resume()
  }

  #forget(): void {
    this.#text = ''
    this.#received = 0
  }
}

// The same for all connections: each of its own would be felt ten thousand times.

function onData(this: Watched, chunk: Buffer): void {
  this[OF]?.receive(chunk)
}

function onEnd(this: Watched): void {
  this[OF]?.ended()
}

function onClose(this: Watched): void {
  this[OF]?.closed()
}

/** It closes right after. */
function onError(): void {}

function onTimeout(this: Watched): void {
  this[OF]?.timedOut()
}
