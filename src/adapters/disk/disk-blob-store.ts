// Blobs as files in a directory. What is being written lies in `.aside`, in a folder for each opening of the store; what
// a crash left there is removed when a later one is a day older.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { type FileHandle, open, rm, rmdir, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type Blob,
  type BlobBytes,
  type BlobHead,
  type BlobKey,
  type BlobRange,
  type BlobStore,
  BlobStoreUnavailable,
  checkBlobKey,
} from '../../ports/blob-store.ts'
import { isPieces, moveIntoPlace, syncFolder, writeAside } from './atomic-file.ts'
import { walkKeys } from './folder-walk.ts'

const ASIDE = '.aside'
const READ_BYTES = 256 * 1_024
const DAY_MS = 86_400_000

export function openDiskBlobStore(root: string): BlobStore {
  return new DiskBlobStore(root)
}

class DiskBlobStore implements BlobStore {
  readonly #root: string
  readonly #aside: string
  #count = 0

  constructor(root: string) {
    this.#root = root
    const asides = join(root, ASIDE)
    try {
      mkdirSync(asides, { recursive: true, mode: 0o700 })
      this.#aside = mkdtempSync(join(asides, 'w'))
      removeOld(asides, this.#aside)
    } catch (error) {
      throw asFailure(error)
    }
  }

  async put(key: BlobKey, content: BlobBytes): Promise<number> {
    const path = this.#path(key)
    this.#count += 1
    const aside = join(this.#aside, String(this.#count))
    let broken: unknown
    const isHere = content instanceof Uint8Array || isPieces(content)
    const source = isHere ? content : watched(content, (error) => (broken = error))
    try {
      const bytes = await writeAside(aside, source)
      await moveIntoPlace(aside, path)
      return bytes
    } catch (error) {
      throw error === broken ? error : asFailure(error)
    }
  }

  async get(key: BlobKey, { from, to }: BlobRange = { from: 0 }): Promise<Blob | null> {
    const file = await this.#open(key)
    if (file === null) return null
    try {
      const stats = await file.stat()
      if (!stats.isFile()) return await file.close().then(() => null)
      const { size } = stats
      return { bytes: size, content: contentOf(file, from, Math.min(to ?? size, size)) }
    } catch (error) {
      await file.close()
      throw asFailure(error)
    }
  }

  async head(key: BlobKey): Promise<BlobHead | null> {
    const path = this.#path(key)
    return absentAsNull(async () => {
      const found = await stat(path)
      const { size, mtimeMs } = found
      return !found.isFile() ? null : { key, bytes: size, modifiedAt: Math.floor(mtimeMs) }
    })
  }

  async list(prefix: string, { limit, after = '' }: { limit: number; after?: BlobKey }): Promise<BlobHead[]> {
    const heads: BlobHead[] = []
    try {
      for (const key of walkKeys(this.#root, prefix, after)) {
        if (heads.length >= limit) break
        const head = await this.head(key)
        if (head !== null) heads.push(head)
      }
    } catch (error) {
      throw asFailure(error)
    }
    return heads
  }

  async delete(keys: readonly BlobKey[]): Promise<void> {
    try {
      const paths = keys.map((key) => this.#path(key))
      for (const path of paths) await absentAsNull(() => unlink(path))
      // Once for each folder: it is forced to the disk with every name that is gone.
      for (const folder of new Set(paths.map(dirname))) await this.#removeEmpty(folder)
    } catch (error) {
      throw asFailure(error)
    }
  }

  async ping(): Promise<void> {
    const probe = join(this.#aside, 'probe')
    try {
      await rm(probe, { force: true })
      await writeAside(probe, new Uint8Array(1))
      await rm(probe, { force: true })
    } catch (error) {
      throw asFailure(error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#aside, { recursive: true, force: true })
  }

  #path(key: BlobKey): string {
    checkBlobKey(key)
    return join(this.#root, key)
  }

  async #open(key: BlobKey): Promise<FileHandle | null> {
    const path = this.#path(key)
    return absentAsNull(() => open(path, 'r'))
  }

  async #removeEmpty(folder: string): Promise<void> {
    for (let path = folder; path.length > this.#root.length; path = dirname(path)) {
      try {
        await rmdir(path)
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'ENOENT') continue
        if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
        return void (await absentAsNull(() => syncFolder(path)))
      }
    }
  }
}

/** By the clock of the disk: another that is at work may share it. */
function removeOld(asides: string, mine: string): void {
  const { mtimeMs } = statSync(mine)
  for (const name of readdirSync(asides)) {
    const path = join(asides, name)
    const age = mtimeMs - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? mtimeMs)
    if (age > DAY_MS) rmSync(path, { recursive: true, force: true })
  }
}

async function* contentOf(file: FileHandle, from: number, to: number): AsyncGenerator<Uint8Array> {
  try {
    for (let at = from; at < to; ) {
      const part = Buffer.allocUnsafe(Math.min(READ_BYTES, to - at))
      const { bytesRead } = await file.read(part, 0, part.length, at)
      if (bytesRead === 0) throw new BlobStoreUnavailable('a blob became shorter while it was read')
      at += bytesRead
      yield part.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

/** A source that fails is the caller's failure, not the disk's. */
async function* watched(
  content: AsyncIterable<Uint8Array>,
  told: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of content) yield part
  } catch (error) {
    told(error)
    throw error
  }
}

async function absentAsNull<T>(look: () => Promise<T>): Promise<T | null> {
  try {
    return await look()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null
    throw asFailure(error)
  }
}

function asFailure(error: unknown): Error {
  if (error instanceof BlobStoreUnavailable || (error as NodeJS.ErrnoException).code === undefined)
    return error as Error
  return new BlobStoreUnavailable(`the blob directory: ${(error as Error).message}`, { cause: error })
}
