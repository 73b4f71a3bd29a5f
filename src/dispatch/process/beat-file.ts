// A file into which a process writes how it goes, one line a word. It is read by the descriptor it was made with, so it is of
// no use to put something else in its place; what is read at once is bounded.

import { closeSync, fstatSync, readSync, rmSync } from 'node:fs'
import type { Scratch } from './scratch.ts'

const READ_MAX = 65_536
const NEW_LINE = 0x0a

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
    const { mtimeNs, size } = fstatSync(this.#fd, { bigint: true })
    if (mtimeNs === this.#changedAt && Number(size) === this.#read) return null
    const touched = mtimeNs !== this.#changedAt
    this.#changedAt = mtimeNs
    // Written anew instead of added to.
    if (Number(size) < this.#read || (touched && Number(size) === this.#read)) this.#read = 0
    const lines = this.#linesUpTo(Number(size))
    return touched || lines.length > 0 ? lines : null
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
    // It lies in a folder of ours, where nobody else can put anything in its place.
    rmSync(this.path, { force: true })
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
