// A chunk as it is kept while its log is open: its frames, behind a head that says what came before it. So a line is found
// by looking into a few chunks, and the chunks alone tell the whole story.
//
//   "CLC1"      4 bytes
//   firstLine   6 bytes  lines before it, big-endian
//   firstText   6 bytes  text bytes before it
//   frames

import type { LogMark } from './run-log.ts'

export const CHUNK_HEAD_BYTES = 16
const MAGIC = 0x434c4331

/** Lines and text bytes before a place in a log. */
export type LogPlace = { readonly line: number; readonly text: number }

/** What stands before its frames. */
export function chunkHead(before: Pick<LogMark, 'lines' | 'textBytes'>): Uint8Array {
  const head = new Uint8Array(CHUNK_HEAD_BYTES)
  const view = new DataView(head.buffer)
  view.setUint32(0, MAGIC)
  setUint48(view, 4, before.lines)
  setUint48(view, 10, before.textBytes)
  return head
}

/** Of a chunk, or of its first bytes. */
export function chunkPlace(bytes: Uint8Array): LogPlace {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < CHUNK_HEAD_BYTES || view.getUint32(0) !== MAGIC) {
    throw new Error('this is no chunk of a log')
  }
  return { line: getUint48(view, 4), text: getUint48(view, 10) }
}

/** Of a chunk of this log. None of one that came when it was full: its mark had moved on before the chunk was known to be left out. */
export function keptFrames({ textBytes }: Pick<LogMark, 'textBytes'>, bytes: Uint8Array): Uint8Array {
  return bytes.subarray(chunkPlace(bytes).text < textBytes ? CHUNK_HEAD_BYTES : bytes.length)
}

function setUint48(view: DataView, at: number, value: number): void {
  view.setUint16(at, Math.floor(value / 2 ** 32))
  view.setUint32(at + 2, value % 2 ** 32)
}

function getUint48(view: DataView, at: number): number {
  return view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2)
}
