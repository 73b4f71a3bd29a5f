// A log on its way: what a process writes becomes numbered chunks, which leave one after the other. What waits is bounded;
// beyond that the process has to wait too.

import type { LogStream } from '../../domain/log/log-frame.ts'
import { LOG_LIMITS } from '../../domain/log/run-log.ts'
import type { Clock } from '../../ports/clock.ts'
import type { LogSink } from '../../ports/log-sink.ts'
import { FrameBuffer } from './frame-buffer.ts'

/** Where chunks go. Tries as often as it takes; what it throws gives the log up. */
export interface LogTransport {
  /** Resolves when the chunk is durable where it is kept. */
  append(sequence: number, frames: Uint8Array): Promise<void>
  /** No more than these chunks will come. */
  seal(chunks: number): Promise<void>
}

export const LOG_WRITER_LIMITS = {
  /** Waiting and under way together; past this the process waits. */
  waitingBytesMax: 4_194_304,
  /** A chunk of this size leaves at once. */
  chunkBytesFull: 262_144,
  /** A smaller one leaves after this; the longer a log is written, the longer, up to the last. */
  lingerFirstMs: 100,
  lingerLastMs: 3_000,
} as const

export class LogWriter implements LogSink {
  readonly #clock: Clock
  readonly #transport: LogTransport
  readonly #onGivenUp: (error: unknown) => void
  readonly #buffer = new FrameBuffer()
  readonly #begunAt: number
  #sequence = 0
  #underWay = 0
  #sending: Promise<void> | null = null
  #cancelLinger: (() => void) | null = null
  #room: PromiseWithResolvers<void> | null = null
  #ending = false
  #givenUp = false

  constructor(clock: Clock, transport: LogTransport, onGivenUp: (error: unknown) => void) {
    this.#clock = clock
    this.#transport = transport
    this.#onGivenUp = onGivenUp
    this.#begunAt = clock.monotonic()
  }

  write(stream: LogStream, bytes: Uint8Array): Promise<void> | null {
    if (this.#givenUp || bytes.length === 0) return null
    this.#buffer.add(stream, bytes, this.#clock.now())
    if (this.#buffer.bytes >= LOG_WRITER_LIMITS.chunkBytesFull) this.#send()
    else this.#linger()
    if (this.#buffer.bytes + this.#underWay < LOG_WRITER_LIMITS.waitingBytesMax) return null
    this.#room ??= Promise.withResolvers<void>()
    return this.#room.promise
  }

  async end(): Promise<void> {
    this.#ending = true
    this.#cancelLinger?.()
    this.#buffer.release()
    // The chunk under way may have been the last that its sender looked for: until nothing is left.
    do {
      this.#send()
      await this.#sending
    } while (this.#buffer.bytes > 0 && !this.#givenUp)
    if (this.#givenUp) return
    try {
      await this.#transport.seal(this.#sequence)
    } catch (error) {
      this.#giveUp(error)
    }
  }

  /** Slow output is not cut into thousands of chunks: who waits for a line of a job of hours can wait a little. */
  #linger(): void {
    if (this.#cancelLinger !== null || this.#sending !== null) return
    const { lingerFirstMs, lingerLastMs } = LOG_WRITER_LIMITS
    const age = this.#clock.monotonic() - this.#begunAt
    const wait = Math.min(lingerLastMs, Math.max(lingerFirstMs, age / 100))
    this.#cancelLinger = this.#clock.after(wait, () => {
      this.#cancelLinger = null
      this.#buffer.release()
      this.#send()
    })
  }

  #send(): void {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null
      if (this.#ending || this.#givenUp) return
      if (this.#buffer.bytes >= LOG_WRITER_LIMITS.chunkBytesFull) this.#send()
      else if (this.#buffer.bytes > 0) this.#linger()
    })
  }

  async #sendAll(): Promise<void> {
    this.#cancelLinger?.()
    this.#cancelLinger = null
    for (;;) {
      const chunk = this.#givenUp ? null : this.#buffer.take(LOG_LIMITS.chunkBytesMax)
      if (chunk === null) return
      this.#underWay = chunk.length
      try {
        await this.#transport.append(this.#sequence, chunk)
        this.#sequence += 1
      } catch (error) {
        this.#giveUp(error)
      }
      this.#underWay = 0
      if (this.#buffer.bytes < LOG_WRITER_LIMITS.waitingBytesMax / 2 || this.#givenUp) this.#letGo()
      if (this.#buffer.bytes < LOG_WRITER_LIMITS.chunkBytesFull && !this.#ending) return
    }
  }

  #letGo(): void {
    this.#room?.resolve()
    this.#room = null
  }

  #giveUp(error: unknown): void {
    this.#givenUp = true
    this.#letGo()
    this.#onGivenUp(error)
  }
}
