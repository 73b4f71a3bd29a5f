// Real pipes for what a process writes. Node's own are sockets, which /dev/stdout and /dev/stderr cannot be opened on, as
// many scripts do (https://github.com/nodejs/node/issues/3301). Named, opened, and unnamed again before anything starts.

import { execFile } from 'node:child_process'
import { closeSync, constants, fchownSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import type { SystemUser } from './find-user.ts'
import type { Scratch } from './scratch.ts'

export class OutputPipes implements Disposable {
  readonly stdout: Pipe
  readonly stderr: Pipe

  constructor(stdout: Pipe, stderr: Pipe) {
    this.stdout = stdout
    this.stderr = stderr
  }

  /** null: this machine has no named pipes; Node's own have to do. */
  static async open(
    mkfifo: string | null,
    scratch: Scratch,
    user: SystemUser | null,
  ): Promise<OutputPipes | null> {
    if (mkfifo === null) return null
    const paths = [join(scratch.path, '.stdout'), join(scratch.path, '.stderr')] as const
    await promisify(execFile)(mkfifo, ['-m', '600', '--', ...paths])
    return new OutputPipes(openPipe(paths[0], user), openPipe(paths[1], user))
  }

  /** The process has its ends now; with ours open the output would never end. */
  handedOver(): void {
    this.stdout.closeWriter()
    this.stderr.closeWriter()
  }

  [Symbol.dispose](): void {
    this.handedOver()
    this.stdout.reader.destroy()
    this.stderr.reader.destroy()
  }
}

export class Pipe {
  readonly reader: Readable
  #writer: number | null

  constructor(reader: Readable, writer: number) {
    this.reader = reader
    this.#writer = writer
  }

  get writer(): number {
    return this.#writer!
  }

  closeWriter(): void {
    if (this.#writer !== null) closeSync(this.#writer)
    this.#writer = null
  }
}

function openPipe(path: string, user: SystemUser | null): Pipe {
  // Only this way round does neither end wait for the other.
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  const writer = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW)
  // Who opens /dev/stdout must be allowed to open what it stands for.
  if (user !== null) fchownSync(reader, user.uid, user.gid)
  rmSync(path)
  return new Pipe(new Socket({ fd: reader, readable: true, writable: false }), writer)
}
