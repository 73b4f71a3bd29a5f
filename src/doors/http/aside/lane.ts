// What the HTTP server sees of a connection on which requests may be set aside: a stream that can be let go of, with all that is
// kept for a request, while the connection stays. It has no timeout of its own: that is the connection's.

import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

export class Lane extends Duplex {
  readonly raw: Socket
  readonly #left: (lane: Lane) => void

  /** `left` is told when this has ended, whoever ended it. */
  constructor(raw: Socket, left: (lane: Lane) => void) {
    super({ allowHalfOpen: true })
    this.raw = raw
    this.#left = left
  }

  get remoteAddress(): string | undefined {
    return this.raw.remoteAddress
  }

  get remotePort(): number | undefined {
    return this.raw.remotePort
  }

  /** As of a socket: what was written leaves first. */
  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }

  override _read(): void {
    this.raw.resume()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.raw.write(chunk, done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.raw.cork()
    for (const { chunk } of chunks.slice(0, -1)) this.raw.write(chunk)
    this.raw.write(chunks.at(-1)!.chunk, done)
    this.raw.uncork()
  }

  override _final(done: (error?: Error | null) => void): void {
    this.raw.end(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#left(this)
    done(error)
  }
}

/** The connection behind what a request came by. */
export function connectionOf(socket: unknown): unknown {
  return socket instanceof Lane ? socket.raw : socket
}
