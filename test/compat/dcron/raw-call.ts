// A call as its frames: for what a stock client would never send.

import type { ClientHttp2Session } from 'node:http2'
import { DOOR_KEY } from '../compat-house.ts'

export type RawAnswer = { readonly code: number; readonly headers: Readonly<Record<string, unknown>> }

export function rawCall(
  session: ClientHttp2Session,
  path: string,
  body: Buffer | readonly Buffer[],
  more: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    'x-api-key': DOOR_KEY,
    te: 'trailers',
    ...more,
  })
  let headers: Record<string, unknown> = {}
  const keep = (got: object): void => {
    headers = { ...headers, ...got }
  }
  stream.on('response', keep)
  stream.on('trailers', keep)
  stream.on('error', () => {})
  stream.resume()
  for (const part of Buffer.isBuffer(body) ? [body] : body) stream.write(part)
  stream.end()
  return new Promise((resolve) => stream.once('close', () => resolve({ code: stream.rstCode, headers })))
}
