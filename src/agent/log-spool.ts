// Logs on their way to the server. While it answers, chunks go there directly; while it does not, they wait on this disk, in
// order, up to a bound, past which the process that writes them has to wait. What waits outlives the agent.

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LogWriter } from '../dispatch/log/log-writer.ts'
import type { Clock } from '../ports/clock.ts'
import type { LogSink } from '../ports/log-sink.ts'
import type { Work } from '../ports/work.ts'
import type { LogLine, LogName } from './agent-line.ts'
import { refusalCode } from './agent-line.ts'

export type LogSpoolOptions = {
  readonly folder: string
  readonly line: LogLine
  readonly clock: Clock
  /** Bytes that wait on disk. */
  readonly bytesMax: number
  readonly onGivenUp: (what: string, error: unknown) => void
}

type Waiting = {
  readonly name: LogName
  readonly folder: string
  /** Numbers of the chunks on disk, ascending. */
  readonly chunks: number[]
  seal: number | null
  /** Something more is on its way to the disk. */
  writing: Promise<void> | null
}

/** One log on its way. */
type Stream = {
  readonly name: LogName
  readonly folder: string
  /** Of the chunk that was begun last: is it durable somewhere, with all before it? false: the log was refused. */
  last: Promise<boolean>
  /** The server takes no chunk before the one it follows, or the line is too slow for several. */
  oneByOne: boolean
}

const RETRY_MS = 500
/** Chunks of one log that are sent at the same time. */
const AHEAD = 3

export class LogSpool {
  readonly #options: LogSpoolOptions
  /** Logs of which something waits, by folder; in the order in which they began to. */
  readonly #waiting = new Map<string, Waiting>()
  #bytes = 0
  #room: PromiseWithResolvers<void> | null = null
  #shipping: Promise<void> | null = null
  #closed = false

  /** What an agent before this one has left is sent first. */
  constructor(options: LogSpoolOptions) {
    this.#options = options
    mkdirSync(options.folder, { recursive: true, mode: 0o700 })
    for (const entry of readdirSync(options.folder)) this.#remember(join(options.folder, entry))
  }

  open(work: Work): LogSink {
    const { clock, onGivenUp, folder } = this.#options
    const { run, attempt, part } = work
    const name = { runId: run.id, attempt: attempt.number, part: part?.index ?? 0, fence: run.fence }
    const place = join(folder, `${name.runId}.${name.attempt}.${name.part}.${name.fence}`)
    const stream: Stream = { name, folder: place, last: Promise.resolve(true), oneByOne: false }
    const transport = {
      ahead: AHEAD,
      append: (sequence: number, frames: Uint8Array) => this.#append(stream, sequence, frames),
      seal: (chunks: number) => this.#seal(name, place, chunks),
    }
    return new LogWriter(clock, transport, (error) => onGivenUp(run.id, error))
  }

  /** There is a session: what waits can leave. */
  ship(): void {
    this.#shipping ??= this.#shipAll().finally(() => {
      this.#shipping = null
      if (this.#waiting.size > 0 && !this.#closed) this.ship()
    })
  }

  close(): void {
    this.#closed = true
    this.#room?.resolve()
  }

  /** May be called before the last one has arrived; whatever becomes of them, they are settled in their order. */
  async #append(stream: Stream, sequence: number, frames: Uint8Array): Promise<void> {
    const before = stream.last
    const { promise, resolve } = Promise.withResolvers<boolean>()
    stream.last = promise
    try {
      await this.#deliver(stream, before, sequence, frames)
      resolve(true)
    } catch (error) {
      resolve(false)
      throw error
    }
  }

  async #deliver(
    stream: Stream,
    before: Promise<boolean>,
    sequence: number,
    frames: Uint8Array,
  ): Promise<void> {
    const { name, folder } = stream
    const early = !stream.oneByOne
    if (!early) await before
    const first = await this.#send(stream, sequence, frames, early)
    if (first === 'arrived') return
    if (!(await before)) throw new Error('what comes before this chunk was refused')
    // What it follows is at the server, or waits here.
    if (first === 'too early' && (await this.#send(stream, sequence, frames, false)) === 'arrived') return
    await this.#keep(name, folder, sequence, frames)
  }

  /** Throws what the server refuses for good. `lost`: nobody knows whether it arrived. */
  async #send(
    stream: Stream,
    sequence: number,
    frames: Uint8Array,
    early: boolean,
  ): Promise<'arrived' | 'too early' | 'lost'> {
    if (this.#waiting.has(stream.folder)) return 'lost'
    try {
      await this.#options.line.appendLog(stream.name, sequence, frames, early)
      return 'arrived'
    } catch (error) {
      const { code } = error as { code?: unknown }
      const isTooEarly = early && code === 'log_gap'
      if (!isTooEarly && refusalCode(error) !== null && !isTransient(error)) throw error
      // On a slow line several at a time take longer than a request may.
      if (isTooEarly || code === 'timed_out') stream.oneByOne = true
      return isTooEarly ? 'too early' : 'lost'
    }
  }

  async #seal(name: LogName, place: string, chunks: number): Promise<void> {
    const waiting = this.#waiting.get(place)
    if (waiting === undefined) {
      try {
        return await this.#options.line.sealLog(name, chunks)
      } catch (error) {
        if (refusalCode(error) !== null && !isTransient(error)) throw error
      }
    }
    const kept = waiting ?? this.#begin(name, place)
    await this.#write(kept, join(place, 'seal'), String(chunks), () => {
      kept.seal = chunks
    })
    this.ship()
  }

  async #keep(name: LogName, place: string, sequence: number, frames: Uint8Array): Promise<void> {
    while (this.#bytes + frames.length > this.#options.bytesMax && this.#bytes > 0 && !this.#closed) {
      this.#room ??= Promise.withResolvers<void>()
      this.ship()
      await this.#room.promise
    }
    const waiting = this.#waiting.get(place) ?? this.#begin(name, place)
    await this.#write(waiting, chunkPath(place, sequence), frames, () => {
      waiting.chunks.push(sequence)
      this.#bytes += frames.length
    })
    this.ship()
  }

  /** Until it is there, and known to be, what is there already is not all there is. Its writer does one thing at a time. */
  async #write(
    waiting: Waiting,
    path: string,
    content: Uint8Array | string,
    known: () => void,
  ): Promise<void> {
    const write = writeFile(path, content, { mode: 0o600 })
      .then(() => {
        if (this.#waiting.get(waiting.folder) === waiting) known()
        // Refused meanwhile, and given up.
        else rmSync(waiting.folder, { recursive: true, force: true })
      })
      .finally(() => {
        waiting.writing = null
      })
    waiting.writing = write.catch(() => undefined)
    await write
  }

  #begin(name: LogName, folder: string): Waiting {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const waiting: Waiting = { name, folder, chunks: [], seal: null, writing: null }
    this.#waiting.set(folder, waiting)
    return waiting
  }

  async #shipAll(): Promise<void> {
    while (this.#waiting.size > 0 && !this.#closed) {
      for (const waiting of [...this.#waiting.values()]) {
        if (this.#closed) return
        if (!(await this.#shipOne(waiting))) {
          await this.#pause()
          break
        }
      }
    }
  }

  /** false: the server does not answer now. */
  async #shipOne(waiting: Waiting): Promise<boolean> {
    try {
      while (waiting.chunks.length > 0 || waiting.writing !== null) {
        if (waiting.chunks.length === 0) {
          await waiting.writing
          continue
        }
        const sequence = waiting.chunks[0]!
        const path = chunkPath(waiting.folder, sequence)
        const frames = await readFile(path)
        await this.#options.line.appendLog(waiting.name, sequence, frames, false)
        await rm(path, { force: true })
        waiting.chunks.shift()
        this.#free(frames.length)
      }
      // A process may still write: its log is forgotten here when it has said that this is all, or has nothing waiting.
      if (waiting.seal !== null) await this.#options.line.sealLog(waiting.name, waiting.seal)
      this.#forget(waiting)
      return true
    } catch (error) {
      if (refusalCode(error) === null || isTransient(error)) return false
      this.#options.onGivenUp(waiting.name.runId, error)
      this.#forget(waiting)
      return true
    }
  }

  #forget(waiting: Waiting): void {
    for (const sequence of waiting.chunks) this.#free(sizeOf(chunkPath(waiting.folder, sequence)))
    this.#waiting.delete(waiting.folder)
    rmSync(waiting.folder, { recursive: true, force: true })
  }

  #free(bytes: number): void {
    this.#bytes -= bytes
    this.#room?.resolve()
    this.#room = null
  }

  #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#options.clock.after(RETRY_MS, resolve)
    return promise
  }

  #remember(folder: string): void {
    const found = /([^/]+)\.(\d+)\.(\d+)\.(\d+)$/.exec(folder)
    if (found === null) return
    const [, runId = '', attempt, part, fence] = found
    const name = { runId, attempt: Number(attempt), part: Number(part), fence: Number(fence) }
    const waiting = this.#begin(name, folder)
    for (const file of readdirSync(folder).sort()) {
      if (file === 'seal') waiting.seal = Number(readFileSync(join(folder, file), 'utf8'))
      else if (/^\d{9}$/.test(file)) {
        waiting.chunks.push(Number(file))
        this.#bytes += sizeOf(join(folder, file))
      }
    }
  }
}

/** The session will be another one; the log is still this agent's. */
function isTransient(error: unknown): boolean {
  return TRANSIENT.includes(refusalCode(error) ?? '')
}

/** Superseded by the next session of this very agent; by that of another one, and what waits here waits for a look at it. */
const TRANSIENT: readonly string[] = ['session_ended', 'session_superseded']

function chunkPath(folder: string, sequence: number): string {
  return join(folder, String(sequence).padStart(9, '0'))
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
