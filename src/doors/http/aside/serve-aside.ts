// Connections of agents are told by the first bytes on them: requests on these may be set aside. All others go to the HTTP server
// as they are, these bytes first.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Answer } from '../endpoint.ts'
import { HTTP_SERVER_LIMITS } from '../limits.ts'
import { AgentConnection, type Yard } from './agent-connection.ts'
import type { Waits } from './request-aside.ts'

const AGENTS = Buffer.from('POST /v1/agents/')

export type AsideParts = Pick<Yard, 'logger' | 'told' | 'leaving'> & {
  readonly clock: Pick<Yard, 'now' | 'monotonic'>
}

/** Before anything else listens for connections. */
export function serveAside(app: FastifyInstance, parts: AsideParts): void {
  const { logger, told, clock } = parts
  const server = app.server as Server
  const [listener] = server.listeners('connection') as ((stream: unknown) => void)[]
  if (listener === undefined) return
  const serve = (stream: unknown): void => listener.call(server, stream)
  let closing = false
  const yard: Yard = {
    serve,
    logger,
    told,
    leaving: () => closing || parts.leaving(),
    now: clock.now,
    monotonic: clock.monotonic,
    keepAliveMs: () => server.keepAliveTimeout,
    stalledMs: () => server.timeout,
    apart: new Set(),
  }
  server.removeListener('connection', listener)
  server.on('connection', (socket: Socket) => {
    new Beginning(server, socket, (first) => {
      if (isOfAgent(first)) new AgentConnection(socket, yard).receive(first)
      else passOn(socket, first, serve)
    })
  })
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = AgentConnection.of(request)
    if (connection === null) return
    connection.begun(request)
    response.once('finish', () => connection.answered(request))
  })
  app.addHook('preClose', (done) => {
    closing = true
    for (const connection of [...yard.apart]) connection.stop()
    done()
  })
}

/** false: it has to wait as it is. true: it is answered later, and nothing may be sent now. */
export function setAside<Found>(
  request: FastifyRequest,
  reply: FastifyReply,
  wait: Waits<Found>,
  answerOf: (found: Found) => Answer,
): boolean {
  return AgentConnection.of(request.raw)?.setAside(request, reply, wait, answerOf) ?? false
}

function isOfAgent(first: Buffer): boolean {
  return first.length >= AGENTS.length && first.subarray(0, AGENTS.length).equals(AGENTS)
}

function passOn(socket: Socket, first: Buffer, serve: (stream: unknown) => void): void {
  socket.pause()
  socket.unshift(first)
  serve(socket)
  socket.resume()
}

/** Until the first bytes come. Whoever sends none is refused as the HTTP server would. */
class Beginning {
  readonly #server: Server
  readonly #socket: Socket
  readonly #begun: (first: Buffer) => void

  constructor(server: Server, socket: Socket, begun: (first: Buffer) => void) {
    this.#server = server
    this.#socket = socket
    this.#begun = begun
    socket.on('data', this.#data).on('timeout', this.#refuse).on('end', this.#end).on('error', ignored)
    socket.setTimeout(server.headersTimeout)
  }

  readonly #data = (first: Buffer): void => {
    this.#leave()
    this.#socket.off('error', ignored)
    this.#begun(first)
  }

  readonly #refuse = (): void => {
    const socket = this.#socket
    this.#leave()
    socket.resume().setTimeout(HTTP_SERVER_LIMITS.timeoutCheckMs, this.#end)
    const error = Object.assign(new Error('nothing was sent'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
    this.#server.emit('clientError', error, socket)
  }

  readonly #end = (): void => void this.#socket.destroy()

  #leave(): void {
    this.#socket.setTimeout(0)
    this.#socket.off('data', this.#data).off('timeout', this.#refuse).off('end', this.#end)
  }
}

function ignored(): void {}
