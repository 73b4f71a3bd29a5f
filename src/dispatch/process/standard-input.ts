// What a process is given to read: a file without a name, so that /dev/stdin can be opened too, and nobody has to wait until
// it is read.

import { closeSync, constants, openSync, rmSync } from 'node:fs'
import type { Scratch } from './scratch.ts'

export class StandardInput implements Disposable {
  readonly fd: number

  private constructor(fd: number) {
    this.fd = fd
  }

  static async open(scratch: Scratch, text: string): Promise<StandardInput> {
    const path = await scratch.add('.stdin', new TextEncoder().encode(text))
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    rmSync(path)
    return new StandardInput(fd)
  }

  [Symbol.dispose](): void {
    closeSync(this.fd)
  }
}
