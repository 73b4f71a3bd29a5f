// What is no HTTP at all: the parser gave up before there was a request. Answered on the bare socket, then closed.

import type { Socket } from 'node:net'
import type { ConnectionError } from 'fastify'
import type { ProblemCode } from '../../protocol/problem.ts'
import { PROBLEM_CONTENT_TYPE } from '../../protocol/problem.ts'
import { bareReply } from './bare-reply.ts'
import { HttpProblem } from './http-problem.ts'
import { HTTP_SERVER_LIMITS } from './limits.ts'
import { problemReply } from './problem-document.ts'
import { SECURITY_HEADERS } from './security-headers.ts'

export function answerBrokenRequest(error: ConnectionError, socket: Socket, requestId: string): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy()
  const [code, detail] = refusal(error)
  const { document, headers } = problemReply(new HttpProblem(code, detail), requestId)
  const body = JSON.stringify(document)
  const all = {
    ...SECURITY_HEADERS,
    ...headers,
    'X-Request-Id': requestId,
    'Content-Type': PROBLEM_CONTENT_TYPE,
    Connection: 'close',
  }
  socket.end(bareReply(document.status, document.title, all, body))
}

function refusal(error: { code: string; rawPacket?: unknown }): [ProblemCode, string] {
  const { headerBytesMax, urlBytesMax } = HTTP_SERVER_LIMITS
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    // The request line alone filled the buffer: it is the address that is too long.
    const packet = error.rawPacket
    const firstLine = Buffer.isBuffer(packet) ? packet.indexOf('\r\n') : 0
    if (firstLine < 0 || firstLine > urlBytesMax)
      return ['uri_too_long', `An address has at most ${urlBytesMax} bytes.`]
    return ['headers_too_large', `Request line and headers have at most ${headerBytesMax} bytes together.`]
  }
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return ['request_timeout', 'The request did not arrive in time.']
  return ['malformed_request', 'This is not a well-formed HTTP/1.1 request.']
}
