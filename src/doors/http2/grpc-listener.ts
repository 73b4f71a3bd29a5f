// A listener for gRPC: HTTP/2 without TLS, with bounds on everything that comes in. It knows no service; what is refused
// before a service is asked, and what a service throws, goes out as a gRPC status.

import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { authorize } from '../../commands/authorize.ts'
import type { Context } from '../../commands/context.ts'
import type { Principal } from '../../domain/api-key.ts'
import type { Answered } from '../http/http-server.ts'
import { HTTP_SERVER_LIMITS, type RestLimits } from '../http/limits.ts'
import { problemReply } from '../http/problem-document.ts'
import type { DoorLogger } from '../http/problem-send.ts'
import { TrustedProxies } from '../http/trusted-proxies.ts'
import { GrpcGate } from './grpc-gate.ts'
import { framed, percentEncoded, readMessage, timeoutMs } from './grpc-message.ts'
import type { GrpcMethod, Written } from './grpc-method.ts'
import { GRPC, GrpcRefusal, grpcStatus } from './grpc-status.ts'

export const GRPC_LIMITS = {
  /** Calls at the same time on one connection. */
  streamsMax: 100,
  /** Memory that one connection may make this process hold, in MB. */
  sessionMemoryMb: 10,
  /** Frames that make no sense, and calls broken off at once, before a connection is closed. */
  invalidFramesMax: 100,
  rejectedStreamsMax: 100,
  /** How long a stop waits for calls under way. */
  closeMs: 5_000,
} as const

export type GrpcListenerParts = {
  readonly ctx: Context
  readonly limits: RestLimits
  readonly logger: DoorLogger
  /** Who a caller without a key is; null: callers show one. */
  readonly anonymous: Principal | null
  readonly observe?: ((answered: Answered) => void) | undefined
  /** Whom to believe who calls; default: nobody. */
  readonly proxies?: TrustedProxies | undefined
}

const CONTENT_TYPE = /^application\/grpc(?:\+(?:(json)(?:; ?charset=utf-?8)?|proto))?$/i
/** Sent once the message is out: how the call ended. */
const ENDED_WELL = { 'grpc-status': String(GRPC.ok) }

const SERVER_OPTIONS: ServerOptions = {
  maxSessionMemory: GRPC_LIMITS.sessionMemoryMb,
  maxSessionInvalidFrames: GRPC_LIMITS.invalidFramesMax,
  maxSessionRejectedStreams: GRPC_LIMITS.rejectedStreamsMax,
  maxHeaderListPairs: HTTP_SERVER_LIMITS.headersMax,
  settings: {
    enablePush: false,
    maxConcurrentStreams: GRPC_LIMITS.streamsMax,
    maxHeaderListSize: HTTP_SERVER_LIMITS.headerBytesMax,
  },
}

export class GrpcListener implements AsyncDisposable {
  readonly #parts: GrpcListenerParts
  readonly #gate: GrpcGate
  readonly #proxies: TrustedProxies
  /** By path, as /dcron.Public/NewJob. */
  readonly #methods: ReadonlyMap<string, GrpcMethod>
  readonly #server: Http2Server
  readonly #sessions = new Set<ServerHttp2Session>()

  constructor(methods: readonly GrpcMethod[], parts: GrpcListenerParts) {
    this.#parts = parts
    this.#gate = new GrpcGate(parts.ctx, parts.limits, parts.anonymous)
    this.#proxies = parts.proxies ?? new TrustedProxies([])
    this.#methods = new Map(methods.map((method) => [method.path, method]))
    this.#server = createServer(SERVER_OPTIONS)
    this.#server.on('stream', (stream, headers, _flags, rawHeaders: string[]) =>
      this.#answer(stream, headers, rawHeaders),
    )
    this.#server.maxConnections = parts.limits.connectionsMax
    this.#server.on('session', (session) => this.#admit(session))
    // A connection that breaks is its client's affair.
    this.#server.on('sessionError', () => {})
  }

  async listen(address: { readonly host: string; readonly port: number }): Promise<AddressInfo> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject)
    this.#server.listen(address.port, address.host, resolve)
    await promise
    this.#server.off('error', reject)
    return this.#server.address() as AddressInfo
  }

  /** Calls under way are finished; no new ones come in. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    for (const session of this.#sessions) session.close()
    const stop = this.#parts.ctx.clock.after(GRPC_LIMITS.closeMs, () => {
      for (const session of this.#sessions) session.destroy()
    })
    await promise
    stop()
  }

  #admit(session: ServerHttp2Session): void {
    this.#sessions.add(session)
    session.once('close', () => this.#sessions.delete(session))
    session.setTimeout(HTTP_SERVER_LIMITS.keepAliveTimeoutMs, () => session.close())
  }

  #answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void {
    const { clock } = this.#parts.ctx
    const begun = clock.monotonic()
    const late = clock.after(HTTP_SERVER_LIMITS.requestTimeoutMs, () =>
      stream.close(constants.NGHTTP2_CANCEL),
    )
    stream.once('close', () => {
      late()
      this.#observe(stream, headers, clock.monotonic() - begun)
    })
    // Whoever breaks a call off does not hear of it.
    stream.on('error', () => {})
    this.#carryOut(stream, headers, rawHeaders).catch((error: unknown) => this.#refuse(stream, error))
  }

  async #carryOut(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
  ): Promise<void> {
    const { ctx, limits } = this.#parts
    const { address } = this.#proxies.callerOf(stream.session?.socket.remoteAddress, headers)
    const who = await this.#gate.pass(rawHeaders, address)
    // Its caller has left meanwhile.
    if (stream.destroyed || stream.closed) return void stream.destroy()
    const method = this.#methods.get(headers[':path'] ?? '')
    if (method === undefined) throw new GrpcRefusal(GRPC.unimplemented, 'There is no such method here.')
    const written = writtenAs(headers)
    if (typeof written === 'object') return end(stream, written)
    authorize(who, method.action)
    this.#keepDeadline(stream, timeoutMs(headers['grpc-timeout'] as string | undefined))
    const message = await readMessage(stream, limits.bodyBytesMax)
    const answer = framed(await method.answer(ctx, who, message, written))
    // Nobody waits any more: its caller has left, or its time was up.
    if (stream.destroyed || stream.closed || stream.headersSent) return
    stream.respond({ 'content-type': `application/grpc+${written}` }, { waitForTrailers: true })
    stream.once('wantTrailers', () => {
      if (!stream.destroyed && !stream.closed) stream.sendTrailers(ENDED_WELL)
    })
    stream.end(answer)
  }

  /** What was begun goes on; its caller hears in time that it did not end in time. */
  #keepDeadline(stream: ServerHttp2Stream, ms: number | null): void {
    if (ms === null || ms >= HTTP_SERVER_LIMITS.requestTimeoutMs) return
    const over = new GrpcRefusal(GRPC.deadline_exceeded, 'The time that the caller gave this call is up.')
    const stop = this.#parts.ctx.clock.after(ms, () => this.#refuse(stream, over))
    stream.once('close', stop)
  }

  /** The status alone, and what of the call is not read yet is not taken. */
  #refuse(stream: ServerHttp2Stream, error: unknown): void {
    const { status, message } = this.#told(error)
    // It was told before that its time is up.
    if (stream.headersSent) return
    // One that its caller has closed without an error takes no answer either.
    if (stream.destroyed || stream.closed) return void stream.destroy()
    const told = { 'grpc-status': String(status), 'grpc-message': percentEncoded(message) }
    end(stream, { ':status': 200, 'content-type': 'application/grpc', ...told })
  }

  /** Of our own faults the caller hears the id, the rest is in the log. */
  #told(error: unknown): Pick<GrpcRefusal, 'status' | 'message'> {
    if (error instanceof GrpcRefusal) return error
    const { ctx, logger } = this.#parts
    const requestId = ctx.chance.id('req')
    const { document, ours } = problemReply(error, requestId)
    if (ours) logger.error({ err: error, requestId }, 'call failed')
    return { status: grpcStatus(document.code), message: document.detail }
  }

  #observe(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ms: number): void {
    const { logger, observe } = this.#parts
    const path = headers[':path'] ?? ''
    const route = this.#methods.has(path) ? path : 'none'
    const status = Number(stream.sentHeaders?.[':status'] ?? 0)
    const answered: Answered = { method: 'gRPC', route, status, ms: Math.round(ms) }
    observe?.(answered)
    logger.debug(answered, 'call')
  }
}

/** How its messages are written; what is no gRPC is answered in the words of HTTP. */
function writtenAs(headers: IncomingHttpHeaders): Written | OutgoingHttpHeaders {
  if (headers[':method'] !== 'POST') return { ':status': 405, allow: 'POST' }
  const type = CONTENT_TYPE.exec(headers['content-type'] ?? '')
  if (type === null) return { ':status': 415, 'accept-post': 'application/grpc' }
  return type[1] === undefined ? 'proto' : 'json'
}

function end(stream: ServerHttp2Stream, headers: OutgoingHttpHeaders): void {
  stream.respond(headers, { endStream: true })
  stream.close(constants.NGHTTP2_NO_ERROR)
  // What was not taken is dropped; else the stream would wait for somebody to take it.
  stream.resume()
}
