// Sends a problem document, and logs what is ours to mend.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { PROBLEM_CONTENT_TYPE } from '../../protocol/problem.ts'
import { problemReply } from './problem-document.ts'

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
  const { document, headers, ours } = problemReply(thrown, request.id)
  if (ours)
    logger.error(
      { err: thrown, requestId: request.id, method: request.method, route: request.routeOptions.url },
      'request failed',
    )
  return reply
    .code(document.status)
    .headers(headers)
    .header('content-type', PROBLEM_CONTENT_TYPE)
    .send(JSON.stringify(document))
}
