// Ends a log: its chunks become one blob with an index, unless they are large and many. Can be repeated at any point; readers see the chunks until the
// store says that the log is sealed.

import { AppError } from '../../domain/errors.ts'
import { chunkPlace, keptFrames } from '../../domain/log/log-chunk.ts'
import { LogIndexWriter } from '../../domain/log/log-index.ts'
import {
  chunkKey,
  LOG_LIMITS,
  type LogId,
  type RunLog,
  sealedKey,
  staysInChunks,
} from '../../domain/log/run-log.ts'
import { type BlobStore, readBlob } from '../../ports/blob-store.ts'
import type { Context } from '../context.ts'
import { staleFence } from './append-log.ts'

export type LogEnd = LogId & {
  readonly fence: number
  /** How many chunks there are in all, as far as whoever wrote them knows. */
  readonly chunks: number
}

const CHUNK_MAX = LOG_LIMITS.chunkBytesMax + 1_024
const DELETED_AT_ONCE = 1_000

/** For whoever wrote the log: this is all. */
export async function sealLog(ctx: Context, end: LogEnd): Promise<void> {
  const log = await ctx.store.logs.get(end)
  if (log !== null && log.fence !== end.fence) throw staleFence()
  if (log?.seal) return
  const arrived = log?.chunks ?? 0
  if (arrived !== end.chunks) {
    throw new AppError('log_gap', `${arrived} chunks have arrived, not ${end.chunks}. Send the rest first.`)
  }
  if (log !== null) return void (await sealAs(ctx, log, true))
  const found = (await ctx.store.runs.attempts(end.runId)).find(({ number }) => number === end.attempt)
  if (found?.fence !== end.fence || (found.part ?? 0) !== end.part) throw staleFence()
  await ctx.store.logs.seal(end, 0, { whole: true }, ctx.clock.now())
  ctx.logNews.tell(end.runId)
}

/** By store of blobs and key. A large log takes longer than whoever asks for it waits before asking again. */
const underWay = new WeakMap<BlobStore, Map<string, Promise<boolean>>>()

/** false: more of it has arrived meanwhile, or somebody else was faster. */
export function sealAs(ctx: Context, log: RunLog, whole: boolean): Promise<boolean> {
  const seals = underWay.get(ctx.blobs) ?? new Map<string, Promise<boolean>>()
  underWay.set(ctx.blobs, seals)
  const key = sealedKey(log, whole)
  const known = seals.get(key)
  if (known !== undefined) return known
  const seal = sealOnce(ctx, log, whole).finally(() => seals.delete(key))
  seals.set(key, seal)
  return seal
}

async function sealOnce(ctx: Context, log: RunLog, whole: boolean): Promise<boolean> {
  if (staysInChunks(log)) return sealInChunks(ctx, log, whole)
  const key = sealedKey(log, whole)
  if (log.chunks > 0) await ctx.blobs.put(key, sealedBytes(ctx, log))
  if (!(await ctx.store.logs.seal(log, log.chunks, { whole }, ctx.clock.now()))) {
    const found = await ctx.store.logs.get(log)
    const isNamed = found?.seal != null && sealedKey(found, found.seal.whole) === key
    if (!isNamed) await ctx.blobs.delete([key])
    return false
  }
  ctx.logNews.tell(log.runId)
  for (let from = 0; from < log.chunks; from += DELETED_AT_ONCE) {
    const count = Math.min(DELETED_AT_ONCE, log.chunks - from)
    await ctx.blobs.delete(Array.from({ length: count }, (_, n) => chunkKey(log, from + n)))
  }
  return true
}

async function sealInChunks(ctx: Context, log: RunLog, whole: boolean): Promise<boolean> {
  if (!(await ctx.store.logs.seal(log, log.chunks, { whole }, ctx.clock.now()))) return false
  ctx.logNews.tell(log.runId)
  return true
}

async function* sealedBytes(ctx: Context, log: RunLog): AsyncGenerator<Uint8Array> {
  const index = new LogIndexWriter()
  let offset = 0
  for (let sequence = 0; sequence < log.chunks; sequence += 1) {
    const key = chunkKey(log, sequence)
    const object = await readBlob(ctx.blobs, key, CHUNK_MAX)
    if (object === null) throw new Error(`the chunk ${key} of a log is missing in the blob store`)
    index.at({ ...chunkPlace(object), offset })
    const frames = keptFrames(log, object)
    offset += frames.length
    yield frames
  }
  if (offset !== log.bytes) throw new Error(`a log has ${offset} bytes where ${log.bytes} were acknowledged`)
  yield index.bytes()
}
