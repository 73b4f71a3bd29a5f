// Lines of one log, forwards from a number or the last ones, all or of some streams.

import {
  type LogFrame,
  type LogLine,
  type LogStream,
  lineCount,
  linesOf,
  readFrames,
} from '../../domain/log/log-frame.ts'
import { LOG_LIMITS } from '../../domain/log/run-log.ts'
import { blockAt, type LogBlocks } from './log-blocks.ts'

/** Lines count from 1, over all streams. */
export type NumberedLine = LogLine & { readonly line: number }

export type LineQuery = {
  /** The first line; absent: the last ones. */
  readonly from?: number
  readonly limit: number
  readonly streams?: readonly LogStream[]
}

/** `next`: the first line that was not looked at. */
export type Lines = { readonly items: NumberedLine[]; readonly next: number }

export async function readLines(blocks: LogBlocks, total: number, query: LineQuery): Promise<Lines> {
  const { from, limit, streams } = query
  if (from !== undefined) return forwards(blocks, total, from, limit, streams)
  if (streams === undefined) return forwards(blocks, total, Math.max(1, total - limit + 1), limit)
  return backwards(blocks, total, limit, streams)
}

async function forwards(
  blocks: LogBlocks,
  total: number,
  from: number,
  limit: number,
  streams?: readonly LogStream[],
): Promise<Lines> {
  const items: NumberedLine[] = []
  let next = Math.max(1, from)
  let text = 0
  let scanned = 0
  if (next > total || blocks.count === 0) return { items, next }
  for (let block = await blockAt(blocks, 'line', next - 1); block < blocks.count; block += 1) {
    const frames = await blocks.frames(block)
    for (const line of numbered(frames, (await blocks.place(block)).line, next)) {
      if (line.line < next) continue
      if (items.length === limit || text > LOG_LIMITS.pageTextMax) return { items, next }
      next = line.line + 1
      if (streams?.includes(line.stream) === false) continue
      items.push(line)
      text += Math.min(line.bytes.length, LOG_LIMITS.lineTextMax)
    }
    scanned += frames.length
    if (scanned > LOG_LIMITS.scanBytesMax) break
  }
  return { items, next }
}

/** A filter that matches little costs a bounded look. */
async function backwards(
  blocks: LogBlocks,
  total: number,
  limit: number,
  streams: readonly LogStream[],
): Promise<Lines> {
  let items: NumberedLine[] = []
  let scanned = 0
  for (let block = blocks.count - 1; block >= 0; block -= 1) {
    const frames = await blocks.frames(block)
    const found = [...numbered(frames, (await blocks.place(block)).line)].filter(({ stream }) =>
      streams.includes(stream),
    )
    items = [...found, ...items].slice(-limit)
    scanned += frames.length
    if (items.length === limit || scanned > LOG_LIMITS.scanBytesMax) break
  }
  return { items, next: total + 1 }
}

/** Frames that end before line `from` are only counted: most of a block is passed over to show a page of it. */
function* numbered(frames: Uint8Array, before: number, from = 0): Generator<NumberedLine> {
  let line = before
  for (const frame of readFrames(frames)) {
    if (line + 1 < from) {
      const count = lineCount(frame.bytes)
      if (line + count < from) {
        line += count
        continue
      }
    }
    for (const one of linesOf(frame)) {
      line += 1
      yield { ...one, line }
    }
  }
}

export type TextQuery = {
  /** Half-open, in bytes of what is asked for. */
  readonly from?: number
  readonly to?: number
  readonly streams?: readonly LogStream[]
}

/** What was written, byte for byte. With streams the bytes of others are not there and not counted. */
export async function* logText(blocks: LogBlocks, query: TextQuery): AsyncGenerator<Uint8Array> {
  const { from = 0, to = Number.POSITIVE_INFINITY, streams } = query
  const first = streams === undefined && blocks.count > 0 ? await blockAt(blocks, 'text', from) : 0
  let at = first === 0 ? 0 : (await blocks.place(first)).text
  for (let block = first; block < blocks.count && at < to; block += 1) {
    for (const frame of readFrames(await blocks.frames(block))) {
      if (streams?.includes(frame.stream) === false) continue
      const part = within(frame, from - at, to - at)
      at += frame.bytes.length
      if (part.length > 0) yield part
      if (at >= to) return
    }
  }
}

function within({ bytes }: LogFrame, from: number, to: number): Uint8Array {
  return bytes.subarray(Math.max(0, Math.min(from, bytes.length)), Math.max(0, Math.min(to, bytes.length)))
}
