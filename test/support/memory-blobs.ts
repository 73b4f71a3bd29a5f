// Blobs in memory, for stories in which no time passes while something is written.

import { type BlobStore, checkBlobKey } from '../../src/ports/blob-store.ts'

export class MemoryBlobs implements BlobStore {
  readonly #blobs = new Map<string, { bytes: Uint8Array; modifiedAt: number }>()

  async put(...[key, content]: Parameters<BlobStore['put']>): Promise<number> {
    checkBlobKey(key)
    const bytes = content instanceof Uint8Array ? Uint8Array.from(content) : await gathered(content)
    this.#blobs.set(key, { bytes, modifiedAt: Date.now() })
    return bytes.length
  }

  async get(...[key, range]: Parameters<BlobStore['get']>): ReturnType<BlobStore['get']> {
    checkBlobKey(key)
    const found = this.#blobs.get(key)
    if (found === undefined) return null
    const part = found.bytes.slice(range?.from ?? 0, range?.to ?? found.bytes.length)
    return { bytes: found.bytes.length, content: one(part) }
  }

  async head(key: string): ReturnType<BlobStore['head']> {
    checkBlobKey(key)
    const found = this.#blobs.get(key)
    return found === undefined ? null : { key, bytes: found.bytes.length, modifiedAt: found.modifiedAt }
  }

  async list(
    ...[prefix, { limit, after = '' }]: Parameters<BlobStore['list']>
  ): ReturnType<BlobStore['list']> {
    const keys = [...this.#blobs.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted()
    return keys.slice(0, limit).map((key) => {
      const { bytes, modifiedAt } = this.#blobs.get(key)!
      return { key, bytes: bytes.length, modifiedAt }
    })
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#blobs.delete(key)
  }

  async ping(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

async function gathered(content: readonly Uint8Array[] | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of content) parts.push(Uint8Array.from(part))
  return Buffer.concat(parts)
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}
