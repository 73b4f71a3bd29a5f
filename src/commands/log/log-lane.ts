// Chunks of one log that are taken at the same time: each is put into the blob store beside the others, and the log moves on
// over as many as are there, in their order, by one step of the store. Nothing is answered before that.

import { chunkHead } from '../../domain/log/log-chunk.ts'
import { chunkKey, LOG_LIMITS, type LogId, type LogMark } from '../../domain/log/run-log.ts'
import type { Context } from '../context.ts'

export type LogChunk = LogId & {
  readonly fence: number
  readonly sequence: number
  readonly frames: Uint8Array
}

/** What a chunk adds. */
export type Measure = { readonly textBytes: number; readonly lines: number }

/**
 * `taken`: the log has moved on over it. `again`: what it was to follow came to nothing, look anew. `overtaken`: the log is not
 * where it was believed to be.
 */
export type Taken =
  | { readonly kind: 'taken'; readonly mark: LogMark }
  | { readonly kind: 'again' | 'overtaken' }

type Entry = {
  readonly sequence: number
  readonly before: LogMark
  readonly after: LogMark
  readonly textBytes: number
  readonly result: PromiseWithResolvers<Taken>
  readonly put: Promise<void>
  isThere: boolean
}

const AGAIN: Taken = { kind: 'again' }

export class LogLane {
  readonly #ctx: Context
  readonly #log: LogId & { readonly fence: number }
  readonly #onMoved: () => void
  /** As the store has it. */
  at: LogMark
  /** Where it will be when all that is under way is there. */
  tail: LogMark
  #underWay: Entry[] = []
  #moving = false

  /** `onMoved`: there may be room for a next one, or nothing is under way any more. */
  constructor(ctx: Context, log: LogId & { readonly fence: number }, at: LogMark, onMoved: () => void) {
    this.#ctx = ctx
    this.#log = log
    this.#onMoved = onMoved
    this.at = at
    this.tail = at
  }

  get isEmpty(): boolean {
    return this.#underWay.length === 0
  }

  /** The same chunk, which came before; undefined: it is not under way. */
  underWay(sequence: number): Promise<Taken> | undefined {
    return this.#underWay.find((entry) => entry.sequence === sequence)?.result.promise
  }

  /** The one that comes next. */
  add({ sequence, frames }: LogChunk, measure: Measure): Promise<Taken> {
    const before = this.tail
    // Once something was left out, nothing is kept any more: a log has an end, not holes.
    const fits = before.dropped === 0 && before.bytes + frames.length <= LOG_LIMITS.bytesMax
    const after = fits ? grown(before, frames.length, measure) : overfull(before, measure.textBytes)
    const object = fits ? [chunkHead(before), frames] : [chunkHead(before)]
    const put = this.#ctx.blobs.put(chunkKey(this.#log, sequence), object).then(() => undefined)
    const { textBytes } = measure
    const result = Promise.withResolvers<Taken>()
    const entry: Entry = { sequence, before, after, textBytes, put, result, isThere: false }
    this.#underWay.push(entry)
    this.tail = after
    put.then(
      () => {
        entry.isThere = true
        void this.#moveOn()
      },
      (error: unknown) => this.#fail(entry, error),
    )
    this.#onMoved()
    return result.promise
  }

  async #moveOn(): Promise<void> {
    if (this.#moving) return
    this.#moving = true
    try {
      while (this.#underWay[0]?.isThere === true) await this.#moveOver(this.#there())
    } finally {
      this.#moving = false
      this.#onMoved()
    }
  }

  /** From the first one on. */
  #there(): readonly Entry[] {
    const gap = this.#underWay.findIndex(({ isThere }) => !isThere)
    return gap < 0 ? [...this.#underWay] : this.#underWay.slice(0, gap)
  }

  async #moveOver(entries: readonly Entry[]): Promise<void> {
    const first = entries[0]!
    let moved: readonly Entry[] = entries
    let mark = entries.at(-1)!.after
    try {
      let taken = await this.#advance(mark)
      if (taken === 'over_quota' && moved.length > 1) {
        // For the first of them there may be room.
        moved = [first]
        mark = first.after
        taken = await this.#advance(mark)
      }
      if (taken === 'over_quota') {
        // What is on disk stays: emptied now, it would be lost to whoever brings it again and is told that it was taken.
        // Readers go by the mark.
        moved = [first]
        mark = overfull(this.at, first.textBytes)
        taken = await this.#advance(mark)
      }
      if (taken !== true) return this.#overtaken(first)
    } catch (error) {
      // Nobody knows whether it has moved: whoever brings them again finds out.
      for (const { result } of moved) result.reject(error)
      return this.#cut(moved.length, this.at)
    }
    this.at = mark
    const isAsBelieved = mark === moved.at(-1)!.after
    for (const { result, after } of moved)
      result.resolve({ kind: 'taken', mark: isAsBelieved ? after : mark })
    this.#underWay.splice(0, moved.length)
    // What follows was to follow something else.
    if (!isAsBelieved) this.#cut(0, mark)
    this.#ctx.logNews.tell(this.#log.runId)
  }

  #advance(to: LogMark): Promise<boolean | 'over_quota'> {
    return this.#ctx.store.logs.advance(this.#log, this.at, to, this.#ctx.clock.now())
  }

  #overtaken({ result }: Entry): void {
    result.resolve({ kind: 'overtaken' })
    this.#cut(1, this.at)
  }

  #fail(entry: Entry, error: unknown): void {
    entry.result.reject(error)
    const place = this.#underWay.indexOf(entry)
    if (place < 0) return
    const rest = this.#underWay.splice(place)
    this.tail = entry.before
    letGo(rest.slice(1))
    this.#onMoved()
  }

  /** The first so many have been answered; the rest looks anew. */
  #cut(answered: number, tail: LogMark): void {
    const rest = this.#underWay.splice(0).slice(answered)
    this.tail = tail
    this.#onMoved()
    letGo(rest)
  }
}

/** Not before its own blob is written: it will be written once more, and what is written last stays. */
function letGo(entries: readonly Entry[]): void {
  for (const { put, result } of entries) {
    const look = (): void => result.resolve(AGAIN)
    put.then(look, look)
  }
}

function grown(before: LogMark, bytes: number, add: Measure): LogMark {
  return {
    chunks: before.chunks + 1,
    bytes: before.bytes + bytes,
    textBytes: before.textBytes + add.textBytes,
    lines: before.lines + add.lines,
    dropped: before.dropped,
  }
}

function overfull(before: LogMark, textBytes: number): LogMark {
  return { ...before, chunks: before.chunks + 1, dropped: before.dropped + textBytes }
}
