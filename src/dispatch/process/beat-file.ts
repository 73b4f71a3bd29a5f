// A file into which a process writes how it goes, one line a word. It is read by the descriptor it was made with, so it is of
// no use to put something else in its place; what is read at once is bounded.

import { closeSync, fstatSync, readSync, rmSync } from 'node:fs'
import type { Scratch } from './scratch.ts'

const READ_MAX = 65_536
const NEW_LINE = 0x0a
/** Nothing can be read behind this, and whose file it is may make it longer still. */
const SIZE_MAX = BigInt(Number.MAX_SAFE_INTEGER)

export class BeatFile implements Disposable {
  readonly path: string
  readonly #fd: number
  #read = 0
  #changedAt: bigint

  private constructor(path: string, fd: number) {
    this.path = path
    this.#fd = fd
    this.#changedAt = fstatSync(fd, { bigint: true }).mtimeNs
  }

  static open(scratch: Scratch): BeatFile {
    const { path, fd } = scratch.shared('.beat')
    return new BeatFile(path, fd)
  }

  /** Whole lines since the last look; null: nobody has touched it. */
  look(): string[] | null {
    const { mtimeNs, size: bytes } = fstatSync(this.#fd, { bigint: true })
    const size = Number(bytes > SIZE_MAX ? SIZE_MAX : bytes)
    if (mtimeNs === this.#changedAt && size === this.#read) return null
    const touched = mtimeNs !== this.#changedAt
    this.#changedAt = mtimeNs
    // Written anew instead of added to.
    if (size < this.#read || (touched && size === this.#read)) this.#read = 0
    const lines = this.#linesUpTo(size)
    return touched || lines.length > 0 ? lines : null
  }

  [Symbol.dispose](): void {
    try {
      closeSync(this.#fd)
      // It lies in a folder of ours, where no other user can put anything in its place.
      rmSync(this.path, { force: true })
    } catch {
      // A process of our own user has put a folder there: it goes with the one above it.
    }
  }

  #linesUpTo(size: number): string[] {
    const from = Math.max(this.#read, size - READ_MAX)
    const bytes = Buffer.alloc(size - from)
    const found = bytes.subarray(0, readSync(this.#fd, bytes, 0, bytes.length, from))
    const end = found.lastIndexOf(NEW_LINE)
    // A line that is longer than all that is looked at is none.
    if (end < 0) {
      if (found.length >= READ_MAX) this.#read = size
      return []
    }
    const skipped = from > this.#read ? found.indexOf(NEW_LINE) + 1 : 0
    this.#read = from + end + 1
    return found.subarray(skipped, end).toString('utf8').split('\n')
  }
}
