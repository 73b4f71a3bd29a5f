// A folder of its own for each attempt, gone with it: the working directory where the job names none, TMPDIR, and the place
// of a script. Only the user of the attempt can look into it.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { chown, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SystemUser } from './find-user.ts'

export class ScratchRoot implements Disposable {
  readonly #path: string
  #count = 0

  /** Below the folder for temporary files, which every user can pass through. */
  constructor(around = tmpdir()) {
    this.#path = mkdtempSync(join(around, 'carillon-'))
    // Others pass through to what is theirs, and see no names.
    chmodSync(this.#path, 0o711)
  }

  /** Processes started in a folder below it carry this in their environment. */
  get path(): string {
    return this.#path
  }

  async open(user: SystemUser | null): Promise<Scratch> {
    this.#count += 1
    const path = join(this.#path, String(this.#count))
    await mkdir(path, { mode: 0o700 })
    if (user !== null) await chown(path, user.uid, user.gid)
    return new Scratch(path, user)
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true, force: true })
  }
}

export class Scratch implements AsyncDisposable {
  readonly path: string
  readonly #user: SystemUser | null

  constructor(path: string, user: SystemUser | null) {
    this.path = path
    this.#user = user
  }

  /** For reading only. Answers with its path. */
  async add(name: string, content: Uint8Array): Promise<string> {
    const path = join(this.path, name)
    await writeFile(path, content, { mode: 0o400, flag: 'wx' })
    if (this.#user !== null) await chown(path, this.#user.uid, this.#user.gid)
    return path
  }

  /** What cannot be removed stays below the folder for temporary files. */
  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true }).catch(() => undefined)
  }
}
