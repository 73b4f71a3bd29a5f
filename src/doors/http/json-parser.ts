// Bodies are JSON, in UTF-8; bytes as they are only where an endpoint asks for them.

import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HttpProblem } from './http-problem.ts'
import { readJson } from './json/read-json.ts'
import { JSON_LIMITS } from './limits.ts'
import { wholeBody } from './whole-body.ts'

const BYTES = 'application/octet-stream'
const MERGE_PATCH = 'application/merge-patch+json'

export function addJsonParser(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/json', MERGE_PATCH],
    async (request: FastifyRequest, payload: IncomingMessage) => {
      const bytes = await wholeBody(request, payload)
      const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';')
      const { mergePatch, jsonLimits, binary } = request.routeOptions.config
      if (binary === true) throw bytesExpected()
      if (type.trim() === MERGE_PATCH && mergePatch !== true) {
        throw new HttpProblem(
          'unsupported_media_type',
          'Only a PATCH is a merge patch. Send this as application/json.',
        )
      }
      const charset = parameters.map((part) => part.trim()).find((part) => part.startsWith('charset='))
      if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
        throw new HttpProblem('unsupported_media_type', 'JSON is sent in UTF-8.')
      }
      return bytes.length === 0 ? undefined : readJson(bytes, jsonLimits ?? JSON_LIMITS)
    },
  )
  app.addContentTypeParser(BYTES, async (request: FastifyRequest, payload: IncomingMessage) => {
    const bytes = await wholeBody(request, payload)
    if (request.routeOptions.config.binary === true) return bytes
    throw new HttpProblem('unsupported_media_type', 'Bodies are JSON here: send it as application/json.')
  })
}

function bytesExpected(): HttpProblem {
  return new HttpProblem('unsupported_media_type', `Bytes are sent as they are here, as ${BYTES}.`)
}
