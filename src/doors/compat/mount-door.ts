// Puts a door of a replaced system onto a server: on the main listener below /compat/<system>, on a listener of its own at
// the root. The gate, the bounds and the JSON reader are the server's; refusals go out in the system's own form.

import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { Context } from '../../commands/context.ts'
import type { Answer } from '../http/endpoint.ts'
import { HttpProblem } from '../http/http-problem.ts'
import { readJson } from '../http/json/read-json.ts'
import { BATCH_JSON_LIMITS, JSON_LIMITS, type RestLimits } from '../http/limits.ts'
import { nothingHere } from '../http/not-found.ts'
import { unauthenticated } from '../http/presented-key.ts'
import { problemReply } from '../http/problem-document.ts'
import type { DoorLogger } from '../http/problem-send.ts'
import { type BodyCheck, bodyCheck } from '../http/validate/body-check.ts'
import { wholeBody } from '../http/whole-body.ts'
import type { CompatAsk, CompatDoor, CompatRoute } from './compat-door.ts'

export type MountParts = {
  readonly ctx: Context
  readonly limits: RestLimits
  readonly logger: DoorLogger
  readonly prefix: string
}

/** The address of a door on the main listener. */
export function compatPrefix(system: string): string {
  return `/compat/${system}`
}

export function mountCompatDoor(app: FastifyInstance, door: CompatDoor, parts: MountParts): void {
  const { ctx, limits, logger, prefix } = parts
  const refuse = (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { document, headers, ours } = problemReply(tooLarge(thrown), request.id)
    if (ours) logger.error({ err: thrown, requestId: request.id, door: door.system }, 'request failed')
    const path = (request.raw.url ?? '').split('?', 1)[0]!.slice(prefix.length)
    const action = request.routeOptions?.config?.action
    const asked = { path, ...(action === undefined ? {} : { action }) }
    return send(reply.headers(headers), door.refuse(document, asked))
  }
  app.refusals.push({ prefix, refuse })
  app.register(
    async (scope) => {
      takeAnyBody(scope)
      scope.setErrorHandler((error, request, reply) => refuse(error, request, reply))
      scope.setNotFoundHandler((request, reply) => {
        const places = door.routes.map(({ method, path }) => ({ method, path: prefix + path }))
        return refuse(nothingHere(places, request.method, request.raw.url ?? ''), request, reply)
      })
      for (const route of door.routes) mountRoute(scope, door, route, { ctx, limits, prefix })
    },
    { prefix },
  )
}

/** Clients of these systems send JSON under whatever name their tool has for it: curl calls it a form. */
function takeAnyBody(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
    const bytes = await wholeBody(request, payload)
    return bytes.length === 0
      ? undefined
      : readJson(bytes, request.routeOptions.config.jsonLimits ?? JSON_LIMITS)
  })
}

function mountRoute(
  scope: FastifyInstance,
  door: CompatDoor,
  route: CompatRoute,
  { ctx, limits, prefix }: Pick<MountParts, 'ctx' | 'limits' | 'prefix'>,
): void {
  const check = route.body === undefined ? null : bodyCheck(route.body)
  const batch = route.batch === true
  scope.route({
    method: route.method,
    url: route.path.replace(/\{(\w+)\}/g, ':$1'),
    bodyLimit: batch ? limits.batchBodyBytesMax : limits.bodyBytesMax,
    config: {
      action: route.action,
      offers: 'any',
      ...(door.credentials === undefined ? {} : { shownKey: door.credentials.shown }),
      jsonLimits: batch ? BATCH_JSON_LIMITS : JSON_LIMITS,
    },
    handler: async (request, reply) => {
      if (door.credentials?.belongs(request.raw.rawHeaders, request.who.id) === false) {
        throw unauthenticated('What was shown does not belong together.')
      }
      const [, search = ''] = (request.raw.url ?? '').split('?', 2)
      const ask: CompatAsk = {
        ctx,
        who: request.who,
        params: request.params as Record<string, string>,
        query: new URLSearchParams(search),
        body: check === null ? undefined : bodyOf(check, request.body),
        request,
        prefix,
      }
      return send(reply, await route.handle(ask as CompatAsk<never>))
    },
  })
}

function bodyOf(check: BodyCheck<Static<TSchema>>, body: unknown): unknown {
  if (body === undefined) throw new HttpProblem('malformed_json', 'This request needs a body: JSON.')
  return check(body)
}

function tooLarge(thrown: unknown): unknown {
  const code = thrown instanceof Error ? (thrown as Error & { code?: string }).code : undefined
  return code === 'FST_ERR_CTP_BODY_TOO_LARGE'
    ? new HttpProblem('body_too_large', 'This body is larger than the server takes. Send less at a time.', {
        headers: { Connection: 'close' },
      })
    : thrown
}

function send(reply: FastifyReply, { status, body, contentType, headers = {} }: Answer): FastifyReply {
  reply.code(status).headers(headers)
  if (body === undefined) return reply.send()
  if (contentType !== undefined) return reply.header('content-type', contentType).send(body)
  return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(body))
}
