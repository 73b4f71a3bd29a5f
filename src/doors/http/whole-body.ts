// The body of a request, up to the bound of its route. What it comes in is the sender's to choose: a chunk for each byte would
// cost a hundred times as much where the chunks are kept.

import type { IncomingMessage } from 'node:http'
import { errorCodes, type FastifyRequest } from 'fastify'
import { GatheredBytes } from '../../domain/gathered-bytes.ts'

/** Rejects as the framework does: with its error for a body that is too large, or with the connection's. */
export function wholeBody(request: FastifyRequest, payload: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const limit = request.routeOptions.bodyLimit
    const announced = Number(request.headers['content-length'])
    if (announced > limit) return reject(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE())
    const body = new GatheredBytes()
    const leave = (): void => {
      payload.off('data', take)
      payload.off('end', end)
      payload.off('error', fail)
    }
    const fail = (error: Error): void => {
      leave()
      reject(Object.assign(error, { statusCode: 400 }))
    }
    const take = (piece: Buffer): void => {
      if (body.length + piece.length <= limit) return body.add(piece)
      leave()
      reject(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE())
    }
    const end = (): void => {
      leave()
      if (Number.isNaN(announced) || announced === body.length) resolve(body.bytes())
      else reject(new errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH())
    }
    payload.on('data', take)
    payload.on('end', end)
    payload.on('error', fail)
    payload.resume()
  })
}
