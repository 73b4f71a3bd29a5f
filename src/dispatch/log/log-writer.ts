// A log on its way: what a process writes becomes numbered chunks, which leave one after the other; where much is written,
// the next one before the last one has arrived. What waits is bounded; beyond that the process has to wait too.

import type { LogStream } from '../../domain/log/log-frame.ts'
import { LOG_LIMITS } from '../../domain/log/run-log.ts'
import type { Clock } from '../../ports/clock.ts'
import type { LogSink } from '../../ports/log-sink.ts'
import { FrameBuffer } from './frame-buffer.ts'

/** Where chunks go. Tries as often as it takes; what it throws gives the log up. */
export interface LogTransport {
  /** Chunks it takes at the same time, in their order. Absent: one. */
  readonly ahead?: number
  /** Resolves when the chunk is durable where it is kept, and all before it are. */
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
  /** Bytes of the chunks under way. */
  #underWay = 0
  readonly #flights = new Set<Promise<void>>()
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
    this.#goOn()
    if (this.#buffer.bytes + this.#underWay < LOG_WRITER_LIMITS.waitingBytesMax) return null
    this.#room ??= Promise.withResolvers<void>()
    return this.#room.promise
  }

  async end(): Promise<void> {
    this.#ending = true
    this.#cancelLinger?.()
    this.#buffer.release()
    for (this.#goOn(); this.#flights.size > 0; this.#goOn()) await Promise.race(this.#flights)
    if (this.#givenUp) return
    try {
      await this.#transport.seal(this.#sequence)
    } catch (error) {
      this.#giveUp(error)
    }
  }

  #goOn(): void {
    while (this.#mayGo() && this.#send());
    if (this.#buffer.bytes > 0 && this.#flights.size === 0) this.#linger()
  }

  /** A further one beside those under way is a large one. */
  #mayGo(): boolean {
    const { bytes } = this.#buffer
    const isFirst = this.#flights.size === 0
    if (this.#givenUp || bytes === 0 || this.#flights.size >= (this.#transport.ahead ?? 1)) return false
    return this.#ending || bytes >= (isFirst ? LOG_WRITER_LIMITS.chunkBytesFull : LOG_LIMITS.chunkBytesMax)
  }

  /** Slow output is not cut into thousands of chunks: who waits for a line of a job of hours can wait a little. */
  #linger(): void {
    if (this.#cancelLinger !== null || this.#ending || this.#givenUp) return
    const { lingerFirstMs, lingerLastMs } = LOG_WRITER_LIMITS
    const age = this.#clock.monotonic() - this.#begunAt
    const wait = Math.min(lingerLastMs, Math.max(lingerFirstMs, age / 100))
    this.#cancelLinger = this.#clock.after(wait, () => {
      this.#cancelLinger = null
      this.#buffer.release()
      this.#send()
    })
  }

  /** false: there is no whole frame. */
  #send(): boolean {
    this.#cancelLinger?.()
    this.#cancelLinger = null
    const chunk = this.#givenUp ? null : this.#buffer.take(LOG_LIMITS.chunkBytesMax)
    if (chunk === null) return false
    const flight = this.#deliver(this.#sequence, chunk).finally(() => {
      this.#flights.delete(flight)
      this.#goOn()
    })
    this.#sequence += 1
    this.#flights.add(flight)
    return true
  }

  async #deliver(sequence: number, chunk: Uint8Array): Promise<void> {
    this.#underWay += chunk.length
    try {
      await this.#transport.append(sequence, chunk)
    } catch (error) {
      this.#giveUp(error)
    }
    this.#underWay -= chunk.length
    const waiting = this.#buffer.bytes + this.#underWay
    if (waiting < LOG_WRITER_LIMITS.waitingBytesMax || this.#givenUp) this.#letGo()
  }

  #letGo(): void {
    this.#room?.resolve()
    this.#room = null
  }

  #giveUp(error: unknown): void {
    if (this.#givenUp) return
    this.#givenUp = true
    this.#letGo()
    this.#onGivenUp(error)
  }
}
