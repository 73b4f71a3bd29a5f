// Sends a problem document, and logs what is ours to mend.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { PROBLEM_CONTENT_TYPE } from '../../protocol/problem.ts'
import { type ProblemReply, problemReply } from './problem-document.ts'

export type DoorLogger = {
  error(fields: object, message: string): void
  debug(fields: object, message: string): void
}

export function sendProblem(
  reply: FastifyReply,
  request: FastifyRequest,
  thrown: unknown,
  logger: DoorLogger,
): FastifyReply {
  const { id: requestId, method, routeOptions } = request
  const { document, headers } = problemOf(thrown, { requestId, method, route: routeOptions.url }, logger)
  return reply
    .code(document.status)
    .headers(headers)
    .header('content-type', PROBLEM_CONTENT_TYPE)
    .send(JSON.stringify(document))
}

export type About = {
  readonly requestId: string
  readonly method: string
  readonly route: string | undefined
}

export function problemOf(thrown: unknown, about: About, logger: DoorLogger): ProblemReply {
  const reply = problemReply(thrown, about.requestId)
  if (reply.ours) logger.error({ err: thrown, ...about }, 'request failed')
  return reply
}
