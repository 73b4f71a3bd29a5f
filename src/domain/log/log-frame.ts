// How output travels and lies: frames of one stream, one after the other. A line never goes over the end of a frame without
// the frame saying so by its lack of a line end; readers take every frame as the beginning of a line.
//
//   stream  1 byte   1 stdout, 2 stderr, 3 system
//   at      6 bytes  epoch ms, big-endian
//   length  4 bytes  big-endian
//   bytes   as they were written

export const LOG_STREAMS = ['stdout', 'stderr', 'system'] as const
/** `system`: what Carillon itself has to say in a log. */
export type LogStream = (typeof LOG_STREAMS)[number]

export type LogFrame = { readonly stream: LogStream; readonly at: number; readonly bytes: Uint8Array }

export const FRAME_HEAD_BYTES = 11
const LINE_END = 0x0a

export function frameHead(stream: LogStream, at: number, length: number): Uint8Array {
  const head = new Uint8Array(FRAME_HEAD_BYTES)
  const view = new DataView(head.buffer)
  head[0] = LOG_STREAMS.indexOf(stream) + 1
  view.setUint16(1, Math.floor(at / 2 ** 32))
  view.setUint32(3, at % 2 ** 32)
  view.setUint32(7, length)
  return head
}

/** One after the other, without a copy. Throws at bytes that are no frames. */
export function* readFrames(bytes: Uint8Array): Generator<LogFrame> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let offset = 0; offset < bytes.length; ) {
    const whole = offset + FRAME_HEAD_BYTES <= bytes.length
    const stream = whole ? LOG_STREAMS[bytes[offset]! - 1] : undefined
    const length = whole ? view.getUint32(offset + 7) : 0
    const end = offset + FRAME_HEAD_BYTES + length
    if (stream === undefined || length === 0 || end > bytes.length) {
      throw new Error(`these are no frames of a log: byte ${offset} of ${bytes.length}`)
    }
    const at = view.getUint16(offset + 1) * 2 ** 32 + view.getUint32(offset + 3)
    yield { stream, at, bytes: bytes.subarray(offset + FRAME_HEAD_BYTES, end) }
    offset = end
  }
}

/** What frames add to a log. Throws at bytes that are no frames. */
export function measureFrames(bytes: Uint8Array): { readonly textBytes: number; readonly lines: number } {
  let textBytes = 0
  let lines = 0
  for (const frame of readFrames(bytes)) {
    textBytes += frame.bytes.length
    lines += lineCount(frame.bytes)
  }
  return { textBytes, lines }
}

export function lineCount(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(LINE_END); at !== -1; at = bytes.indexOf(LINE_END, at + 1)) count += 1
  return bytes.length === 0 || bytes[bytes.length - 1] === LINE_END ? count : count + 1
}

export type LogLine = {
  readonly stream: LogStream
  readonly at: number
  /** Without its end. */
  readonly bytes: Uint8Array
  /** The frame ended before the line did. */
  readonly open: boolean
}

export function* linesOf({ stream, at, bytes }: LogFrame): Generator<LogLine> {
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(LINE_END, from)
    if (end === -1) {
      yield { stream, at, bytes: bytes.subarray(from), open: true }
      return
    }
    yield { stream, at, bytes: bytes.subarray(from, end), open: false }
    from = end + 1
  }
}
