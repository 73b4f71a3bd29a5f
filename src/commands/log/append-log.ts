// Takes one chunk of a log. What is answered is on disk; a chunk that comes again is taken once. The door says who may write:
// here it only counts that the fence is that of the attempt, also when the attempt is over and this is the rest of its log.

import { AppError } from '../../domain/errors.ts'
import { chunkObject } from '../../domain/log/log-chunk.ts'
import { measureFrames } from '../../domain/log/log-frame.ts'
import { chunkKey, EMPTY_MARK, LOG_LIMITS, type LogId, type LogMark } from '../../domain/log/run-log.ts'
import { notFound } from '../authorize.ts'
import type { Context } from '../context.ts'

export type LogChunk = LogId & {
  readonly fence: number
  /** 0, 1, 2 … */
  readonly sequence: number
  readonly frames: Uint8Array
}

/** `next`: the number of the chunk that comes next. */
export type LogReceipt = { readonly next: number; readonly dropped: number }

const NOTHING = new Uint8Array(0)

export async function appendLog(ctx: Context, chunk: LogChunk): Promise<LogReceipt> {
  const { sequence, frames } = chunk
  const measure = checkFrames(frames)
  const log = await ctx.store.logs.get(chunk)
  if (log === null) await checkAttempt(ctx, chunk)
  else if (log.fence !== chunk.fence) throw staleFence()
  const before: LogMark = log ?? EMPTY_MARK
  if (sequence < before.chunks) return { next: before.chunks, dropped: before.dropped }
  if (log?.seal) throw sealed()
  if (sequence > before.chunks) {
    throw new AppError('log_gap', `Chunk ${before.chunks} comes next, not ${sequence}.`)
  }
  // Once something was left out, nothing is kept any more: a log has an end, not holes.
  const fits = before.dropped === 0 && before.bytes + frames.length <= LOG_LIMITS.bytesMax
  const full = overfull(before, measure.textBytes)
  const kept = fits ? grown(before, frames.length, measure) : full
  await ctx.blobs.put(chunkKey(chunk, sequence), chunkObject(before, fits ? frames : NOTHING))
  const now = ctx.clock.now()
  const advanced = await ctx.store.logs.advance(chunk, before, kept, now)
  // What is on disk stays: emptied now, it would be lost to whoever brings it again and is told that it was taken. Readers
  // go by the mark.
  const after = advanced === 'over_quota' ? full : kept
  const taken = after === kept ? advanced : await ctx.store.logs.advance(chunk, before, full, now)
  ctx.logNews.tell(chunk.runId)
  return taken === true ? { next: after.chunks, dropped: after.dropped } : overtaken(ctx, chunk)
}

function grown(before: LogMark, bytes: number, add: { textBytes: number; lines: number }): LogMark {
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

/** The same chunk came twice at once, or the end of the log was faster. */
async function overtaken(ctx: Context, chunk: LogChunk): Promise<LogReceipt> {
  const log = await ctx.store.logs.get(chunk)
  if (log !== null && log.fence === chunk.fence && log.chunks > chunk.sequence) {
    return { next: log.chunks, dropped: log.dropped }
  }
  if (log?.seal) throw sealed()
  if (log === null) await ctx.blobs.delete([chunkKey(chunk, chunk.sequence)])
  throw log === null ? notFound('run', chunk.runId) : staleFence()
}

function checkFrames(frames: Uint8Array): { textBytes: number; lines: number } {
  const { chunkBytesMax } = LOG_LIMITS
  if (frames.length === 0 || frames.length > chunkBytesMax) {
    throw new AppError('invalid', `A chunk of a log has 1 to ${chunkBytesMax} bytes, not ${frames.length}.`)
  }
  try {
    return measureFrames(frames)
  } catch (error) {
    throw new AppError('invalid', (error as Error).message)
  }
}

async function checkAttempt(ctx: Context, { runId, attempt, part, fence }: LogChunk): Promise<void> {
  const found = (await ctx.store.runs.attempts(runId)).find(({ number }) => number === attempt)
  if (found === undefined) throw notFound('attempt', `${attempt} of ${runId}`)
  if (found.fence !== fence || (found.part ?? 0) !== part) throw staleFence()
}

export function staleFence(): AppError {
  return new AppError(
    'fence_stale',
    'This attempt is held under another fence: it is not, or no longer, yours.',
  )
}

function sealed(): AppError {
  return new AppError('log_sealed', 'This log has been sealed; it takes nothing more.')
}
