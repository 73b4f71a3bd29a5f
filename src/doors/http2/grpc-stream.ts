// A stream of HTTP/2 as Connect takes a call, and Connect's answer as the stream's. All methods here take one message and give
// one, so bodies are handed over in one piece: what stands between is a good part of what a short call costs.

import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { Code, ConnectError } from '@connectrpc/connect'
import type { UniversalServerRequest, UniversalServerResponse } from '@connectrpc/connect/protocol'

/** Before each message: whether it is compressed, and how long it is. */
const PREFIX_BYTES = 5

/** `bytesMax`: of a longer message no more is read than shows that it is too long. */
export function asRequest(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
  bytesMax: number,
): UniversalServerRequest {
  const left = new AbortController()
  if (stream.destroyed || stream.closed) left.abort(LEFT)
  else stream.once('close', () => left.abort(LEFT))
  const header = new Headers()
  for (let n = 0; n + 1 < rawHeaders.length; n += 2) {
    if (!rawHeaders[n]!.startsWith(':')) header.append(rawHeaders[n]!, rawHeaders[n + 1]!)
  }
  return {
    httpVersion: '2.0',
    method: headers[':method'] ?? '',
    url: `http://localhost${headers[':path'] ?? ''}`,
    header,
    body: inOnePiece(stream, bytesMax + PREFIX_BYTES),
    signal: left.signal,
  }
}

const LEFT = new ConnectError('The caller has left.', Code.Canceled)

async function* inOnePiece(stream: ServerHttp2Stream, bytesMax: number): AsyncGenerator<Uint8Array> {
  yield await new Promise<Uint8Array>((resolve, reject) => {
    // Nothing more would be heard of it.
    if (stream.destroyed || stream.closed) return reject(LEFT)
    const pieces: Buffer[] = []
    let bytes = 0
    const done = (): void => resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces))
    const take = (piece: Buffer): void => {
      pieces.push(piece)
      bytes += piece.length
      if (bytes <= bytesMax) return
      stream.off('data', take).pause()
      done()
    }
    stream.on('data', take)
    stream.once('end', done)
    stream.once('close', () => reject(LEFT))
  })
}

/** Nothing, when its caller has left meanwhile. */
export async function sendAnswer(
  stream: ServerHttp2Stream,
  { status, header, body, trailer }: UniversalServerResponse,
): Promise<void> {
  const pieces: Uint8Array[] = []
  for await (const piece of body ?? []) pieces.push(piece)
  if (stream.destroyed || stream.closed) return
  const head = { ':status': status, ...Object.fromEntries(header ?? []) }
  const end = Object.fromEntries(trailer ?? [])
  if (pieces.length === 0) {
    stream.respond({ ...head, ...end }, { endStream: true })
    stream.close()
    // What was not taken is dropped; else the stream would wait for somebody to take it.
    stream.resume()
    return
  }
  stream.respond(head, { waitForTrailers: true })
  stream.once('wantTrailers', () => stream.sendTrailers(end))
  stream.end(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces))
}

/** Visible ASCII but "%" stands as it is (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses). */
export function percentEncoded(message: string): string {
  return message.toWellFormed().replaceAll(/[^\x20-\x7e]+|%/g, encodeURIComponent)
}
