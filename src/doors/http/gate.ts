// What every request passes before a byte of its body is read: is it sane, who is it, not too fast, may it do that.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { authenticate } from '../../commands/authenticate.ts'
import { authorize } from '../../commands/authorize.ts'
import type { Context } from '../../commands/context.ts'
import { checkTicket } from '../../commands/run-protocol.ts'
import { visitorOf } from '../../commands/visits.ts'
import { type Action, type Rule, ruleOf } from '../../domain/actions.ts'
import type { Principal } from '../../domain/api-key.ts'
import { AppError } from '../../domain/errors.ts'
import type { Visit } from '../../domain/visit.ts'
import { accepts } from './accept.ts'
import { NOBODY } from './endpoint.ts'
import { refuseForeignPage } from './foreign-page.ts'
import { Guesses } from './guesses.ts'
import { HttpProblem } from './http-problem.ts'
import { HTTP_SERVER_LIMITS, type JsonLimits, type RestLimits } from './limits.ts'
import { notValid, presentedKey, refuseKeyInQuery, unauthenticated } from './presented-key.ts'
import { Rate, rateHeaders } from './rate.ts'
import { SECURITY_HEADERS } from './security-headers.ts'
import { refuseForeignWrite, visitToken } from './visit-cookie.ts'

export type Stated = { readonly method: string; readonly url: string; readonly action: Action }

declare module 'fastify' {
  interface FastifyInstance {
    /** What each route of the server asks for. */
    stated: Stated[]
  }
  interface FastifyRequest {
    who: Principal
    /** Of a person at the page; null: the request shows a key, or nothing. */
    visit: Visit | null
    /** Of a key that came in a body: finds out what it opens, unless too many wrong ones came from there (see Guesses). */
    judge: <Found>(shown: string, look: () => Promise<Found>) => Promise<Found>
  }
  interface FastifyContextConfig {
    /** Every route says what is asked for; the server does not start otherwise. */
    action?: Action
    /** The media type of its replies; `any`: it depends. */
    offers?: string
    mergePatch?: boolean
    binary?: boolean
    /** How the key is shown, where it is not as everywhere else. */
    shownKey?: (rawHeaders: readonly string[]) => string | null
    jsonLimits?: JsonLimits
  }
}

/** `anonymous`: who comes without a key; null: nobody does, but where everybody may. */
export function addGate(
  app: FastifyInstance,
  ctx: Context,
  limits: RestLimits,
  anonymous: Principal | null,
  leaving: () => boolean,
): void {
  const monotonic = (): number => ctx.clock.monotonic()
  const rate = limits.requestsPerMinute === 0 ? null : new Rate(limits.requestsPerMinute, monotonic)
  const guesses = new Guesses(limits.authFailuresPerMinute, monotonic)
  let closing = false

  app.decorate('stated', [])
  app.decorateRequest('who')
  app.decorateRequest('visit', null)
  app.decorateRequest('judge', function (shown, look) {
    return guesses.judge(this.caller.address, shown, look)
  })
  app.addHook('onRoute', (route) => {
    const action = route.config?.action
    if (action === undefined) throw new Error(`${String(route.method)} ${route.url} states no action`)
    for (const method of [route.method].flat()) app.stated.push({ method, url: route.url, action })
  })
  app.addHook('preClose', (done) => {
    closing = true
    done()
  })
  // Answered all the same, while the server is about to stop; the connection is not kept.
  app.addHook('onSend', async (_request, reply, payload) => {
    if (closing || leaving()) reply.header('Connection', 'close')
    return payload
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS).header('X-Request-Id', request.id)
    if (closing) throw stopping()
    refuseOversized(request)
    refuseKeyInQuery(queryNames(request))
    const { action, offers = 'application/json' } = request.routeOptions.config
    // What is not there is said to everybody.
    const needs = action === undefined ? 'open' : ruleOf(action).needs
    request.who = action === 'run.report' ? await receiver(request) : await identify(request, needs)
    count(rate, request.who === NOBODY ? `address ${request.caller.address}` : request.who.id, reply)
    if (request.who !== NOBODY) request.who = cameFrom(request.who, request.caller.address)
    if (request.is404) return
    if (action !== undefined) authorize(request.who, action)
    refuseUnacceptable(request, offers)
    refuseEncoded(request)
  })

  /** The token of a run is a right of its own, and proves itself: the store is not asked. */
  function receiver(request: FastifyRequest): Promise<Principal> {
    const { run: runId = '' } = request.params as { readonly run?: string }
    return guesses.judge(request.caller.address, null, async () => {
      checkTicket(ctx, { runId, token: presentedKey(request.raw.rawHeaders) })
      return NOBODY
    })
  }

  async function identify(request: FastifyRequest, needs: Rule['needs']): Promise<Principal> {
    try {
      const { shownKey = presentedKey } = request.routeOptions.config
      const key = await guesses.judge(request.caller.address, null, async () =>
        shownKey(request.raw.rawHeaders),
      )
      if (key === null && anonymous !== null) {
        refuseForeignPage(request)
        return anonymous
      }
      const shown = key ?? visitToken(request.headers.cookie)
      if (shown === null && needs === 'open') return NOBODY
      return await guesses.judge(request.caller.address, shown, async () => {
        const who = key === null ? await visitor(ctx, request) : await authenticate(ctx, key)
        if (who !== null) return who
        throw key === null ? unauthenticated('This needs a key: "Authorization: Bearer <key>".') : notValid()
      })
    } catch (error) {
      // Where everybody may come, a wrong key is worth as much as none.
      if (needs === 'open' && letsNobodyIn(error)) return NOBODY
      throw error
    }
  }
}

/** `address` is empty where the connection is gone already. */
export function cameFrom(who: Principal, address: string): Principal {
  return address === '' ? who : { ...who, address }
}

function letsNobodyIn(error: unknown): boolean {
  if (error instanceof HttpProblem) return error.code === 'rate_limited'
  return error instanceof AppError && error.code === 'unauthenticated'
}

async function visitor(ctx: Context, request: FastifyRequest): Promise<Principal | null> {
  const token = visitToken(request.headers.cookie)
  const found = token === null ? null : await visitorOf(ctx, token)
  if (found === null) return null
  refuseForeignWrite(request)
  request.visit = found.visit
  return found.who
}

/** Throws when this caller was too fast. */
export function count(rate: Rate | null, caller: string, reply?: FastifyReply): void {
  if (rate === null) return
  const answer = rate.take(caller)
  const headers = rateHeaders(rate, answer)
  reply?.headers(headers)
  if (answer.allowed) return
  throw new HttpProblem(
    'rate_limited',
    `More than ${rate.perMinute} requests in a minute. Try again in ${answer.retryAfterS} s.`,
    { headers: { ...headers, 'Retry-After': String(answer.retryAfterS) } },
  )
}

function stopping(): HttpProblem {
  return new HttpProblem('overloaded', 'This server is stopping. Try again; another one takes over.', {
    headers: { Connection: 'close' },
  })
}

function refuseOversized(request: FastifyRequest): void {
  const { urlBytesMax, headersMax } = HTTP_SERVER_LIMITS
  if ((request.raw.url ?? '').length > urlBytesMax) {
    throw new HttpProblem('uri_too_long', `An address has at most ${urlBytesMax} bytes.`)
  }
  if (request.raw.rawHeaders.length / 2 > headersMax) {
    throw new HttpProblem('headers_too_large', `A request has at most ${headersMax} headers.`)
  }
}

function queryNames(request: FastifyRequest): Iterable<string> {
  const [, query] = (request.raw.url ?? '').split('?', 2)
  return query === undefined ? [] : new URLSearchParams(query).keys()
}

function refuseUnacceptable(request: FastifyRequest, offers: string): void {
  if (accepts(request.headers.accept, offers)) return
  throw new HttpProblem(
    'not_acceptable',
    `This is answered as ${offers}, which the Accept header does not take.`,
  )
}

function refuseEncoded(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding']
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return
  throw new HttpProblem(
    'unsupported_media_type',
    'Bodies are taken as they are: send them without Content-Encoding.',
    {
      headers: { 'Accept-Encoding': 'identity' },
    },
  )
}
