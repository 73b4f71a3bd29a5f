// Gathers what a process writes into frames of whole lines. The beginning of a line is held back until its end comes, for
// as long as whoever empties the buffer allows.

import { FRAME_HEAD_BYTES, frameHead, LOG_STREAMS, type LogStream } from '../../domain/log/log-frame.ts'

/** A line that is longer is split. */
const HELD_BYTES_MAX = 65_536
/** What one stream says in this time is one frame, up to a size. */
const SAME_MOMENT_MS = 50
const FRAME_BYTES_FULL = 262_144
const LINE_END = 0x0a

type Frame = { readonly stream: LogStream; readonly at: number; readonly parts: Uint8Array[]; bytes: number }
type Held = { at: number; parts: Uint8Array[]; bytes: number }

export class FrameBuffer {
  #frames: Frame[] = []
  #held: Record<LogStream, Held> = { stdout: none(), stderr: none(), system: none() }
  /** With the heads of frames, held beginnings included. */
  bytes = 0

  add(stream: LogStream, bytes: Uint8Array, at: number): void {
    for (let from = 0; from < bytes.length; from += HELD_BYTES_MAX) {
      this.#add(stream, bytes.subarray(from, from + HELD_BYTES_MAX), at)
    }
  }

  #add(stream: LogStream, bytes: Uint8Array, at: number): void {
    const end = bytes.lastIndexOf(LINE_END) + 1
    // Together with its beginning: between two frames the line would become two.
    if (end > 0) this.#frame(stream, at, [...this.#letGo(stream), bytes.subarray(0, end)])
    const rest = bytes.subarray(end)
    if (rest.length === 0) return
    // Only now: what was held before went out with the end of its line.
    const held = this.#held[stream]
    if (held.bytes === 0) held.at = at
    held.parts.push(rest)
    held.bytes += rest.length
    this.bytes += rest.length
    if (held.bytes >= HELD_BYTES_MAX) this.#flush(stream, held.at)
  }

  /** Lets the beginnings of lines go out as they are. */
  release(): void {
    for (const stream of LOG_STREAMS) this.#flush(stream, this.#held[stream].at)
  }

  /** Takes frames out, at most `max` bytes with their heads; one frame at least, if there is any. null: none. */
  take(max: number): Uint8Array | null {
    const pieces: Uint8Array[] = []
    let size = 0
    let count = 0
    for (const { stream, at, parts, bytes } of this.#frames) {
      const whole = FRAME_HEAD_BYTES + bytes
      if (size > 0 && size + whole > max) break
      pieces.push(frameHead(stream, at, bytes), ...parts)
      size += whole
      count += 1
    }
    if (count === 0) return null
    this.#frames = this.#frames.slice(count)
    this.bytes -= size
    return joined(pieces, size)
  }

  #flush(stream: LogStream, at: number): void {
    const parts = this.#letGo(stream)
    if (parts.length > 0) this.#frame(stream, at, parts)
  }

  #letGo(stream: LogStream): readonly Uint8Array[] {
    const { parts, bytes } = this.#held[stream]
    this.#held[stream] = none()
    this.bytes -= bytes
    return parts
  }

  #frame(stream: LogStream, at: number, parts: readonly Uint8Array[]): void {
    const last = this.#frames.at(-1)
    const bytes = parts.reduce((sum, part) => sum + part.length, 0)
    this.bytes += bytes
    if (last?.stream === stream && at - last.at < SAME_MOMENT_MS && last.bytes < FRAME_BYTES_FULL) {
      for (const part of parts) last.parts.push(part)
      last.bytes += bytes
      return
    }
    this.#frames.push({ stream, at, parts: [...parts], bytes })
    this.bytes += FRAME_HEAD_BYTES
  }
}

function none(): Held {
  return { at: 0, parts: [], bytes: 0 }
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
