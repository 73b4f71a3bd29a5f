// A folder of its own for each attempt, gone with it: the working directory where the job names none, TMPDIR, and the place
// of a script. Only the user of the attempt can look into it, and not before everything is in it: as root nothing is made,
// opened or deleted where somebody else could put a link in its place.

import { execFile } from 'node:child_process'
import { chmodSync, constants, fchownSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { chown, mkdir, open, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { TOOL_PATH } from './containment.ts'
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

  /** `setpriv` is what another user's folder is emptied by. */
  async open(user: SystemUser | null, setpriv: string | null): Promise<Scratch> {
    this.#count += 1
    const path = join(this.#path, String(this.#count))
    await mkdir(path, { mode: 0o700 })
    return new Scratch(path, user, setpriv)
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true, force: true })
  }
}

export class Scratch implements AsyncDisposable {
  readonly path: string
  readonly #user: SystemUser | null
  readonly #setpriv: string | null
  #handedOver = false

  constructor(path: string, user: SystemUser | null, setpriv: string | null) {
    this.path = path
    this.#user = user
    this.#setpriv = setpriv
  }

  /** For reading only. Answers with its path. */
  async add(name: string, content: Uint8Array): Promise<string> {
    const path = join(this.path, name)
    await using file = await open(path, 'wx', 0o400)
    await file.writeFile(content)
    if (this.#user !== null) await file.chown(this.#user.uid, this.#user.gid)
    return path
  }

  /** For its user to write and for us to read, by the descriptor. Beside the folder, which begins empty: some programs want that. */
  shared(name: string): { readonly path: string; readonly fd: number } {
    const path = this.path + name
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY } = constants
    const fd = openSync(path, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    if (this.#user !== null) fchownSync(fd, this.#user.uid, this.#user.gid)
    return { path, fd }
  }

  /** The last step before the process starts: from here on the folder is its user's. */
  async handOver(): Promise<void> {
    if (this.#user === null) return
    this.#handedOver = true
    await chown(this.path, this.#user.uid, this.#user.gid)
  }

  /** What cannot be removed stays below the folder for temporary files. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#handedOver) return this.#emptied()
    await rm(this.path, { recursive: true, force: true }).catch(() => undefined)
  }

  /** As its user, who may be changing it this moment: nothing is deleted that this user could not delete. */
  async #emptied(): Promise<void> {
    const { uid, gid } = this.#user!
    const line = [
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--clear-groups',
      '--no-new-privs',
      'rm',
      '-rf',
      '--',
      this.path,
    ]
    // It says that the folder itself could not be removed: that lies in one of ours.
    await promisify(execFile)(this.#setpriv!, line, { env: { PATH: TOOL_PATH } }).catch(() => undefined)
    await rmdir(this.path).catch(() => undefined)
  }
}
