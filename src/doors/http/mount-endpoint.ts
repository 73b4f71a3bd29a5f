// An endpoint becomes a route: body and query are checked, the handler asked, its answer sent.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../commands/context.ts'
import { ruleOf } from '../../domain/actions.ts'
import { AppError } from '../../domain/errors.ts'
import { ANSWERED, type Answer, type Ask, type Endpoint } from './endpoint.ts'
import { ifMatchVersion, requireIfMatch } from './etag.ts'
import { HttpProblem, invalid } from './http-problem.ts'
import { onceMark } from './idempotency.ts'
import { BATCH_JSON_LIMITS, HTTP_SERVER_LIMITS, JSON_LIMITS, type RestLimits } from './limits.ts'
import { type ParameterTable, readQuery } from './query.ts'
import { type BodyCheck, bodyCheck } from './validate/body-check.ts'

const NO_PARAMETERS: ParameterTable = {}

export function mountEndpoint(
  app: FastifyInstance,
  ctx: Context,
  limits: RestLimits,
  endpoint: Endpoint,
): void {
  const check =
    endpoint.body === undefined || endpoint.body.unchecked || endpoint.body.binary
      ? null
      : bodyCheck(endpoint.body.schema)
  const batch = endpoint.body?.batch === true
  const versioned =
    limits.requireIfMatch &&
    endpoint.conditional &&
    (endpoint.method === 'PUT' || endpoint.method === 'PATCH')
  const contentTypes = Object.values(endpoint.replies).map(({ contentType }) => contentType)
  app.route({
    method: endpoint.method,
    url: endpoint.path.replace(/\{(\w+)\}/g, ':$1'),
    bodyLimit: bodyLimitOf(endpoint, limits),
    exposeHeadRoute: endpoint.method === 'GET' && !contentTypes.includes('text/event-stream'),
    config: {
      action: endpoint.action,
      offers: contentTypes.find((type) => type !== undefined) ?? 'application/json',
      binary: endpoint.body?.binary !== undefined,
      mergePatch: endpoint.body?.mergePatch === true,
      jsonLimits: batch ? BATCH_JSON_LIMITS : JSON_LIMITS,
    },
    handler: async (request, reply) => {
      if (versioned) requireIfMatch(request.headers['if-match'])
      const ask = askOf(ctx, endpoint, check, request, reply) as Ask<never, never>
      const answer = await answerOf(endpoint, ask)
      return answer === ANSWERED ? reply : send(reply, answer)
    },
  })
}

function bodyLimitOf({ action, body }: Endpoint, limits: RestLimits): number {
  if (body?.binary !== undefined) return body.binary.bytesMax
  if (body?.batch === true) return limits.batchBodyBytesMax
  // A receiver's token has let it in before its body is read.
  const fromAnybody = ruleOf(action).needs === 'open' && action !== 'run.report'
  return fromAnybody
    ? Math.min(HTTP_SERVER_LIMITS.openBodyBytesMax, limits.bodyBytesMax)
    : limits.bodyBytesMax
}

/** Where there is no body, what a command finds wrong stood in the query. */
async function answerOf(endpoint: Endpoint, ask: Ask<never, never>): Promise<Answer> {
  try {
    return await endpoint.handle(ask)
  } catch (error) {
    const inQuery = endpoint.body === undefined && error instanceof AppError && error.code === 'invalid'
    if (!inQuery || error.problems.length === 0) throw error
    throw invalid(
      error.problems.map((problem) => ({ ...problem, pointer: problem.pointer.replace(/^\//, '?') })),
    )
  }
}

function askOf(
  ctx: Context,
  endpoint: Endpoint,
  check: BodyCheck<unknown> | null,
  request: FastifyRequest,
  reply: FastifyReply,
): Ask<unknown, unknown> {
  const url = request.raw.url ?? request.url
  const at = url.indexOf('?')
  const path = at < 0 ? url : url.slice(0, at)
  const search = new URLSearchParams(at < 0 ? '' : url.slice(at + 1))
  const ifVersion = endpoint.conditional ? ifMatchVersion(request.headers['if-match']) : null
  const query = endpoint.anyQuery ? {} : readQuery(endpoint.query ?? NO_PARAMETERS, search)
  const body = bodyOf(endpoint, check, request.body)
  const once = endpoint.repeatable
    ? onceMark(request.headers['idempotency-key'], { method: endpoint.method, path, query: search, body })
    : undefined
  const params = request.params as Record<string, string>
  return { ctx, who: request.who, params, query, body, once, ifVersion, url, request, reply }
}

function bodyOf(endpoint: Endpoint, check: BodyCheck<unknown> | null, body: unknown): unknown {
  if (endpoint.body === undefined) return refuseBody(body)
  if (body === undefined) {
    if (endpoint.body.optional) return {}
    if (endpoint.body.binary) return new Uint8Array(0)
    throw new HttpProblem('malformed_json', 'This request needs a body: a JSON object, as application/json.')
  }
  return check === null ? body : check(body)
}

/** An empty object says nothing, and some clients always send one. */
function refuseBody(body: unknown): undefined {
  if (body === undefined || body === null) return
  if (typeof body === 'object' && Object.keys(body).length === 0) return
  throw new HttpProblem('invalid', 'This request takes no body.', {
    problems: [{ pointer: '', code: 'unknown_field', detail: 'This request takes no body.' }],
  })
}

function send(reply: FastifyReply, { status, body, contentType, headers = {} }: Answer): FastifyReply {
  reply.code(status).headers(headers)
  if (body === undefined) return reply.send()
  if (contentType !== undefined) return reply.header('content-type', contentType).send(body)
  return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(body))
}
