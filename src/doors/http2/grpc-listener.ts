// A listener for gRPC: HTTP/2 without TLS, with bounds on everything that comes in. It knows no service; what is refused
// before a service is asked, and what a service throws, goes out as a gRPC status.

import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type Interceptor,
} from '@connectrpc/connect'
import type { UniversalHandler, UniversalServerResponse } from '@connectrpc/connect/protocol'
import type { Context } from '../../commands/context.ts'
import type { Principal } from '../../domain/api-key.ts'
import { NOBODY } from '../http/endpoint.ts'
import type { Answered } from '../http/http-server.ts'
import { HTTP_SERVER_LIMITS, type RestLimits } from '../http/limits.ts'
import { problemReply } from '../http/problem-document.ts'
import type { DoorLogger } from '../http/problem-send.ts'
import { TrustedProxies } from '../http/trusted-proxies.ts'
import { GrpcGate } from './grpc-gate.ts'
import { grpcStatus } from './grpc-status.ts'
import { asRequest, percentEncoded, sendAnswer } from './grpc-stream.ts'

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

/** For whom a call is carried out. */
export type GrpcCaller = (call: HandlerContext) => { readonly ctx: Context; readonly who: Principal }
/** Gives each method of a door to the router. */
export type GrpcServices = (router: ConnectRouter, callerOf: GrpcCaller) => void

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

/** `begun`: its message could be read. */
type Call = { readonly who: Principal; begun: boolean }
const CALL = createContextKey<Call>({ who: NOBODY, begun: false })

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
  readonly #methods: ReadonlyMap<string, UniversalHandler>
  readonly #server: Http2Server
  readonly #sessions = new Set<ServerHttp2Session>()

  constructor(services: GrpcServices, parts: GrpcListenerParts) {
    this.#parts = parts
    this.#gate = new GrpcGate(parts.ctx, parts.limits, parts.anonymous)
    this.#proxies = parts.proxies ?? new TrustedProxies([])
    this.#methods = this.#methodsOf(services)
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

  #methodsOf(services: GrpcServices): ReadonlyMap<string, UniversalHandler> {
    const { ctx, limits } = this.#parts
    const router = createConnectRouter({
      grpc: true,
      grpcWeb: false,
      connect: false,
      // Bodies are taken as they are: what grows when it is unpacked is not.
      acceptCompression: [],
      readMaxBytes: limits.bodyBytesMax,
      interceptors: [this.#inStatuses()],
    })
    services(router, (call) => ({ ctx, who: call.values.get(CALL).who }))
    return new Map(router.handlers.map((handler) => [handler.requestPath, handler]))
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
    const { address } = this.#proxies.callerOf(stream.session?.socket.remoteAddress, headers)
    const who = await this.#gate.pass(rawHeaders, address)
    // Its caller has left meanwhile.
    if (stream.destroyed || stream.closed) return void stream.destroy()
    const method = this.#methods.get(headers[':path'] ?? '')
    if (method === undefined) throw new ConnectError('There is no such method here.', Code.Unimplemented)
    const call: Call = { who, begun: false }
    const contextValues = createContextValues().set(CALL, call)
    const { bodyBytesMax } = this.#parts.limits
    const answer = await method({ ...asRequest(stream, headers, rawHeaders, bodyBytesMax), contextValues })
    correctTrailer(answer, call)
    await sendAnswer(stream, answer)
  }

  /** What a method throws, as a status. Of our own faults the caller hears the id, the rest is in the log. */
  #inStatuses(): Interceptor {
    return (next) => async (call) => {
      call.contextValues.get(CALL).begun = true
      try {
        return await next(call)
      } catch (error) {
        throw this.#status(error)
      }
    }
  }

  #status(error: unknown): ConnectError {
    if (error instanceof ConnectError) return error
    const { ctx, logger } = this.#parts
    const requestId = ctx.chance.id('req')
    const { document, ours } = problemReply(error, requestId)
    if (ours) logger.error({ err: error, requestId }, 'call failed')
    return new ConnectError(document.detail, grpcStatus(document.code))
  }

  /** Before the message is read: the status alone, and the rest of the call is not taken. */
  #refuse(stream: ServerHttp2Stream, error: unknown): void {
    // One that its caller has closed without an error takes no answer either.
    if (stream.destroyed || stream.closed) return void stream.destroy()
    if (stream.headersSent) return stream.close(constants.NGHTTP2_CANCEL)
    const { code, rawMessage } = this.#status(error)
    const status = { 'grpc-status': String(code), 'grpc-message': percentEncoded(rawMessage) }
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true })
    stream.close(constants.NGHTTP2_NO_ERROR)
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

/**
 * Connect escapes more of a message than it needs to, and clients show what they do not unescape. And a message that cannot
 * be read is its sender's mistake, no fault of ours.
 */
function correctTrailer({ trailer }: UniversalServerResponse, call: Call): void {
  const unreadable = !call.begun && Number(trailer?.get('grpc-status')) === Code.Internal
  if (unreadable) trailer?.set('grpc-status', String(Code.InvalidArgument))
  const message = trailer?.get('grpc-message')
  if (typeof message === 'string') trailer?.set('grpc-message', percentEncoded(decodeURIComponent(message)))
}
