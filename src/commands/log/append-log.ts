// Takes one chunk of a log. What is answered is on disk; a chunk that comes again is taken once. The door says who may write:
// here it only counts that the fence is that of the attempt, also when the attempt is over and this is the rest of its log.

import { AppError } from '../../domain/errors.ts'
import { measureFrames } from '../../domain/log/log-frame.ts'
import { chunkKey, EMPTY_MARK, LOG_LIMITS, type LogMark } from '../../domain/log/run-log.ts'
import { notFound } from '../authorize.ts'
import type { Context } from '../context.ts'
import type { LogChunk, Measure } from './log-lane.ts'
import { lanesOf } from './log-lanes.ts'

export type { LogChunk } from './log-lane.ts'

/** `next`: the chunk that is wanted next. `dropped`: bytes that were not kept. */
export type LogReceipt = { readonly next: number; readonly dropped: number }

/**
 * `holdMs`: a chunk that comes before the one it follows may wait for that so long, where they are few; else it is refused.
 */
export async function appendLog(ctx: Context, chunk: LogChunk, holdMs = 0): Promise<LogReceipt> {
  const { sequence } = chunk
  const measure = checkFrames(chunk.frames)
  const lanes = lanesOf(ctx)
  const until = ctx.clock.monotonic() + Math.min(holdMs, LOG_LIMITS.holdMaxMs)
  for (;;) {
    const lane = lanes.find(chunk) ?? lanes.open(ctx, chunk, await markOf(ctx, chunk))
    if (sequence < lane.at.chunks) return receiptOf(lane.at)
    const known = lane.underWay(sequence)
    const isFar = sequence >= lane.at.chunks + LOG_LIMITS.aheadMax
    if (known === undefined && (isFar || sequence > lane.tail.chunks)) {
      if (!isFar && (await lanes.held(ctx, chunk, until))) continue
      throw new AppError('log_gap', `Chunk ${lane.tail.chunks} comes next, not ${sequence}.`)
    }
    const taken = await (known ?? lane.add(chunk, measure))
    if (taken.kind === 'taken') return receiptOf(taken.mark)
    if (taken.kind === 'overtaken') return overtaken(ctx, chunk)
  }
}

/** As the store has it. */
async function markOf(ctx: Context, chunk: LogChunk): Promise<LogMark> {
  const log = await ctx.store.logs.get(chunk)
  if (log === null) {
    await checkAttempt(ctx, chunk)
    return EMPTY_MARK
  }
  if (log.fence !== chunk.fence) throw staleFence()
  if (log.seal !== null && chunk.sequence >= log.chunks) throw sealed()
  return log
}

function receiptOf({ chunks, dropped }: LogMark): LogReceipt {
  return { next: chunks, dropped }
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

function checkFrames(frames: Uint8Array): Measure {
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
