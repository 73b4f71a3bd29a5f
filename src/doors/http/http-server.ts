// The HTTP server every door stands on: bounds, ids, the gate, errors. It knows no endpoint.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Context } from '../../commands/context.ts'
import type { Principal } from '../../domain/api-key.ts'
import { connectionOf } from './aside/lane.ts'
import type { Told } from './aside/request-aside.ts'
import { serveAside } from './aside/serve-aside.ts'
import { answerBrokenRequest } from './broken-request.ts'
import { closeInTime } from './close-in-time.ts'
import { addGate } from './gate.ts'
import { HttpProblem } from './http-problem.ts'
import { addJsonParser } from './json-parser.ts'
import { HTTP_SERVER_LIMITS, type RestLimits } from './limits.ts'
import { nothingHere } from './not-found.ts'
import { type DoorLogger, sendProblem } from './problem-send.ts'
import { broughtRequestId } from './request-id.ts'
import { SECURITY_HEADERS } from './security-headers.ts'
import { type Caller, TrustedProxies } from './trusted-proxies.ts'

export type Refuse = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply

declare module 'fastify' {
  interface FastifyInstance {
    /** How it is said no below these prefixes, before a route is found. */
    refusals: { readonly prefix: string; readonly refuse: Refuse }[]
  }
  interface FastifyRequest {
    caller: Caller
  }
}

export type Place = { readonly method: string; readonly path: string }

export type Answered = {
  readonly method: string
  readonly route: string
  readonly status: number
  readonly ms: number
}

export type HttpServerParts = {
  readonly ctx: Context
  readonly limits: RestLimits
  readonly logger: DoorLogger
  /** true: answered as ever, but no connection is kept, so that whoever comes again may be sent elsewhere. */
  readonly leaving?: (() => boolean) | undefined
  /** Agents come here, whose requests wait. */
  readonly agents?: true
  /** Told of every answer, for figures. The route is the pattern, so that there are few. */
  readonly observe?: ((answered: Answered) => void) | undefined
  /** What there is, for telling a wrong method from a wrong address. Absent: a door says itself that nothing is there. */
  readonly places?: readonly Place[]
  /** Who a caller without a key is; default: nobody. */
  readonly anonymous?: Principal | undefined
  /** Whom to believe who calls; default: nobody. */
  readonly proxies?: TrustedProxies | undefined
}

const NO_PROXIES = new TrustedProxies([])

export function createHttpServer(parts: HttpServerParts): FastifyInstance {
  const { ctx, limits, logger, observe, places, anonymous, leaving, agents, proxies = NO_PROXIES } = parts
  const app: FastifyInstance = Fastify({
    logger: false,
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: HTTP_SERVER_LIMITS.requestTimeoutMs,
    keepAliveTimeout: HTTP_SERVER_LIMITS.keepAliveTimeoutMs,
    connectionTimeout: HTTP_SERVER_LIMITS.stalledTimeoutMs,
    http: {
      maxHeaderSize: HTTP_SERVER_LIMITS.headerBytesMax,
      headersTimeout: HTTP_SERVER_LIMITS.headersTimeoutMs,
      connectionsCheckingInterval: HTTP_SERVER_LIMITS.timeoutCheckMs,
    },
    // Longer addresses are refused by the gate; the router's own bound would come first and call it our fault.
    routerOptions: { maxParamLength: HTTP_SERVER_LIMITS.headerBytesMax },
    genReqId: (raw) => broughtRequestId(raw.headers['x-request-id']) ?? ctx.chance.id('req'),
    requestIdHeader: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, ctx.chance.id('req')),
    frameworkErrors: (error, request, reply) => {
      reply.headers(SECURITY_HEADERS).header('X-Request-Id', request.id)
      const path = request.raw.url ?? ''
      const own = app.refusals.find(({ prefix }) => path.startsWith(`${prefix}/`))
      if (own === undefined) sendProblem(reply, request, error, logger)
      else own.refuse(error, request, reply)
    },
  })
  app.decorate('refusals', [])
  app.server.maxConnections = limits.connectionsMax
  const told = ({ requestId, address, ...answered }: Told): void => {
    observe?.(answered)
    logger.debug({ ...answered, requestId, address }, 'request')
  }
  if (agents) serveAside(app, { logger, told, leaving: leaving ?? (() => false), clock: ctx.clock })
  letSilentOnesGo(app)
  app.setErrorHandler((error, request, reply) => {
    return sendProblem(reply, request, tooLarge(error, request.routeOptions.bodyLimit), logger)
  })
  if (places !== undefined) {
    app.setNotFoundHandler((request, reply) => {
      return sendProblem(reply, request, nothingHere(places, request.method, request.raw.url ?? ''), logger)
    })
  }
  closeInTime(app, ctx.clock)
  app.decorateRequest('caller')
  // Before the gate, which counts by it.
  app.addHook('onRequest', async (request) => {
    request.caller = proxies.callerOf(request.socket.remoteAddress, request.headers)
  })
  addGate(app, ctx, limits, anonymous ?? null, leaving ?? (() => false))
  addJsonParser(app)
  app.addHook('onResponse', (request, reply, done) => {
    const { method, id: requestId, routeOptions } = request
    const route = routeOptions.url ?? 'none'
    const ms = Math.round(reply.elapsedTime)
    told({ method, route, status: reply.statusCode, ms, requestId, address: request.caller?.address })
    done()
  })
  return app
}

/** A connection on which nothing was ever sent counts as busy for Node, and would hold up a server that stops. */
function letSilentOnesGo(app: FastifyInstance): void {
  const silent = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  app.server.on('request', ({ socket }: IncomingMessage) => silent.delete(connectionOf(socket) as Socket))
  app.addHook('preClose', (done) => {
    // What is on its way still arrives.
    for (const socket of silent) {
      socket.setTimeout(HTTP_SERVER_LIMITS.silentGraceMs, () => {
        if (socket.bytesRead === 0) socket.destroy()
      })
    }
    done()
  })
}

function tooLarge(error: unknown, limit: number | undefined): unknown {
  const code = error instanceof Error ? (error as Error & { code?: string }).code : undefined
  if (code !== 'FST_ERR_CTP_BODY_TOO_LARGE') return error
  return new HttpProblem('body_too_large', `A body here has at most ${limit} bytes. Send less at a time.`, {
    headers: { Connection: 'close' },
  })
}
