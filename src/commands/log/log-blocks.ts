// A log as a row of blocks of frames, each with its place: the chunks of an open or large one, the stretches of a sealed one's index.
// What is sealed while it is read is opened anew.

import { CHUNK_HEAD_BYTES, chunkPlace, keptFrames, type LogPlace } from '../../domain/log/log-chunk.ts'
import { type IndexEntry, readIndex } from '../../domain/log/log-index.ts'
import { chunkKey, LOG_LIMITS, type RunLog, sealedKey, staysInChunks } from '../../domain/log/run-log.ts'
import { type BlobRange, readBlob } from '../../ports/blob-store.ts'
import type { Context } from '../context.ts'

export interface LogBlocks {
  readonly count: number
  /** What comes before a block. */
  place(block: number): Promise<LogPlace>
  frames(block: number): Promise<Uint8Array>
}

/** What is read at once: the longest stretch between two entries is a little more than a chunk. */
const BLOCK_MAX = 4 * LOG_LIMITS.chunkBytesMax
const INDEX_MAX = 16 * 1_048_576

export async function blocksOf(ctx: Context, log: RunLog): Promise<LogBlocks> {
  if (log.chunks === 0) return NONE
  return log.seal === null || (await isInChunks(ctx, log)) ? new Chunks(ctx, log) : Stretches.open(ctx, log)
}

/** Servers up to 0.1 copied every log when they sealed it. */
async function isInChunks(ctx: Context, log: RunLog): Promise<boolean> {
  return staysInChunks(log) && (await ctx.blobs.head(keyOf(log))) === null
}

const NONE: LogBlocks = {
  count: 0,
  place: async () => ({ line: 0, text: 0 }),
  frames: async () => new Uint8Array(0),
}

/** The last block that begins at or before a place, by lines or by text. */
export async function blockAt(blocks: LogBlocks, by: keyof LogPlace, at: number): Promise<number> {
  let low = 0
  let high = blocks.count - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const place = await blocks.place(middle)
    if (place[by] <= at) low = middle
    else high = middle - 1
  }
  return low
}

class Chunks implements LogBlocks {
  readonly count: number
  readonly #ctx: Context
  readonly #log: RunLog

  constructor(ctx: Context, log: RunLog) {
    this.#ctx = ctx
    this.#log = log
    this.count = log.chunks
  }

  async place(block: number): Promise<LogPlace> {
    return chunkPlace(await this.#read(block, { from: 0, to: CHUNK_HEAD_BYTES }))
  }

  async frames(block: number): Promise<Uint8Array> {
    return keptFrames(this.#log, await this.#read(block, { from: 0 }))
  }

  async #read(block: number, range: BlobRange): Promise<Uint8Array> {
    const bytes = await readBlob(this.#ctx.blobs, chunkKey(this.#log, block), BLOCK_MAX, range)
    if (bytes === null) throw new LogMoved(this.#log)
    return bytes
  }
}

class Stretches implements LogBlocks {
  readonly count: number
  readonly #ctx: Context
  readonly #log: RunLog
  readonly #entries: readonly IndexEntry[]

  private constructor(ctx: Context, log: RunLog, entries: readonly IndexEntry[]) {
    this.#ctx = ctx
    this.#log = log
    this.#entries = entries
    this.count = entries.length
  }

  static async open(ctx: Context, log: RunLog): Promise<Stretches> {
    const index = await readBlob(ctx.blobs, keyOf(log), INDEX_MAX, { from: log.bytes })
    if (index === null) throw new LogMoved(log)
    return new Stretches(ctx, log, readIndex(index))
  }

  async place(block: number): Promise<LogPlace> {
    return this.#entries[block]!
  }

  async frames(block: number): Promise<Uint8Array> {
    const from = this.#entries[block]!.offset
    const to = this.#entries[block + 1]?.offset ?? this.#log.bytes
    const bytes = await readBlob(this.#ctx.blobs, keyOf(this.#log), BLOCK_MAX, { from, to })
    if (bytes === null) throw new LogMoved(this.#log)
    return bytes
  }
}

function keyOf(log: RunLog): string {
  return sealedKey(log, log.seal?.whole === true)
}

/** Its blobs are not where its row said: it was sealed or forgotten meanwhile. */
export class LogMoved extends Error {
  constructor({ runId, attempt, part }: RunLog) {
    super(`the blobs of the log of ${runId}, attempt ${attempt}, part ${part}, are not where they were`)
  }
}
