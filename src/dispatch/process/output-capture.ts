// What a process writes: counted, kept up to a bound, its last bytes remembered. Past the bound it is read on and dropped,
// so that the process does not hang on a full pipe.

import type { LogStream } from '../../domain/log/log-frame.ts'
import type { MaskedStream, Masker } from '../../domain/masker.ts'
import type { LogSink } from '../../ports/log-sink.ts'
import { utf8Text } from '../utf8-text.ts'

/** Of the output, in the attempt's record. */
export const TAIL_BYTES = 4_096

export class OutputCapture {
  readonly #sink: LogSink
  readonly #max: number
  #bytes = 0
  #tail: Buffer[] = []
  #tailBytes = 0
  #cut = false
  readonly #masker: Masker | null
  readonly #masked: Readonly<Record<LogStream, MaskedStream>> | null

  constructor(sink: LogSink, maxBytes: number, masker: Masker | null = null) {
    this.#masked = masker && { stdout: masker.stream(), stderr: masker.stream(), system: masker.stream() }
    this.#masker = masker
    this.#sink = sink
    this.#max = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get truncated(): boolean {
    return this.#bytes > this.#max
  }

  /** A promise: read nothing more before it resolves. */
  write(stream: LogStream, part: Buffer): Promise<void> | null {
    return this.#write(stream, this.#masked?.[stream].add(part) ?? part)
  }

  /** Nothing more comes of the process: what was held back, lest it became a secret, is shown. */
  flush(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.#masked?.[stream].end()
      if (rest !== undefined && rest.length > 0) this.#write(stream, rest)
    }
  }

  #write(stream: LogStream, part: Buffer): Promise<void> | null {
    const room = Math.max(0, this.#max - this.#bytes)
    this.#bytes += part.length
    this.#remember(part)
    const kept = part.length <= room ? part : part.subarray(0, room)
    const wait = kept.length === 0 ? null : this.#sink.write(stream, kept)
    return this.truncated && !this.#cut ? this.#sayCut(wait) : wait
  }

  /** A word of ours among the process's own. */
  say(text: string): void {
    void this.#sink.write('system', Buffer.from(this.masked(text)))
  }

  masked(text: string): string {
    return this.#masker?.text(text) ?? text
  }

  /** The last bytes as text that can be stored, beginning with a whole character, and with a whole line where there is one. */
  tail(): string {
    return this.#lastText().replaceAll('\0', '\ufffd')
  }

  #lastText(): string {
    const all = Buffer.concat(this.#tail)
    if (all.length <= TAIL_BYTES && this.#bytes === all.length) return utf8Text(all, false)
    const last = all.subarray(Math.max(0, all.length - TAIL_BYTES))
    const line = last.indexOf(0x0a)
    if (line >= 0 && line < last.length - 1) return utf8Text(last.subarray(line + 1), false)
    let start = 0
    while (start < 3 && (last[start]! & 0xc0) === 0x80) start += 1
    return utf8Text(last.subarray(start), false)
  }

  #sayCut(wait: Promise<void> | null): Promise<void> | null {
    this.#cut = true
    const text = `output cut here: more than the ${this.#max} bytes that output.maxBytes allows\n`
    const then = this.#sink.write('system', Buffer.from(text))
    return wait === null || then === null ? (then ?? wait) : Promise.all([wait, then]).then(() => undefined)
  }

  #remember(part: Buffer): void {
    // A copy: a slice of a large buffer would keep all of it.
    const last = part.length > TAIL_BYTES ? Buffer.from(part.subarray(-TAIL_BYTES)) : Buffer.from(part)
    this.#tail.push(last)
    this.#tailBytes += last.length
    while (this.#tailBytes - this.#tail[0]!.length >= TAIL_BYTES)
      this.#tailBytes -= this.#tail.shift()!.length
  }
}
