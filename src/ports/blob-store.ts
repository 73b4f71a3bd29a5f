// Where bytes are kept that are too large for the ledger: logs and scripts. A directory, or an S3-compatible service.
// A blob is written whole or not at all, and is durable when its write has resolved.

export class BlobStoreUnavailable extends Error {
  override readonly name = 'BlobStoreUnavailable'
}

/** Named parts joined by slashes, as `logs/run_01/1`. See `isBlobKey`. */
export type BlobKey = string

/** Whole, in a few pieces one after the other, or as it comes. */
export type BlobBytes = Uint8Array | readonly Uint8Array[] | AsyncIterable<Uint8Array>

export type BlobHead = { readonly key: BlobKey; readonly bytes: number; readonly modifiedAt: number }

/** Half-open: `{ from: 0, to: 10 }` are the first ten bytes. Without `to`: up to the end. */
export type BlobRange = { readonly from: number; readonly to?: number }

export type Blob = {
  /** Size of the whole blob, whatever range was asked for. */
  readonly bytes: number
  /** Read it to its end or leave the loop; either frees what it holds. */
  readonly content: AsyncIterable<Uint8Array>
}

export interface BlobStore extends AsyncDisposable {
  /**
   * Resolves when the blob is durable; until then a reader sees what was there before. A source that throws leaves
   * nothing. Of two writers of one key the later one wins, whole. Answers with the size.
   */
  put(key: BlobKey, content: BlobBytes): Promise<number>
  /** null: no such blob. A range beyond the end is empty or ends with the blob. */
  get(key: BlobKey, range?: BlobRange): Promise<Blob | null>
  /** null: no such blob. */
  head(key: BlobKey): Promise<BlobHead | null>
  /** Keys that begin with `prefix`, ascending by their bytes, those after `after`, at most `limit`. */
  list(prefix: string, page: { readonly limit: number; readonly after?: BlobKey }): Promise<BlobHead[]>
  /** What is not there is as good as deleted. */
  delete(keys: readonly BlobKey[]): Promise<void>
  /** Throws BlobStoreUnavailable when a write would not be durable now. */
  ping(): Promise<void>
}

export const BLOB_KEY_MAX = 512

/** Letters, digits, `_`, `-`, `.` and slashes; no part begins with a dot or is empty. */
export function isBlobKey(key: string): boolean {
  return (
    key.length <= BLOB_KEY_MAX && /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(key)
  )
}

export function checkBlobKey(key: BlobKey): void {
  if (!isBlobKey(key)) throw new Error(`"${key}" is no key of a blob`)
}

/** For small blobs; more than `max` bytes are refused. null: no such blob. */
export async function readBlob(
  store: BlobStore,
  key: BlobKey,
  max: number,
  range?: BlobRange,
): Promise<Uint8Array | null> {
  const blob = await store.get(key, range)
  return blob === null ? null : wholeOf(blob, key, max)
}

/** Its content; more than `max` bytes are refused. */
export async function wholeOf(blob: Blob, key: BlobKey, max: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of blob.content) {
    bytes += part.length
    if (bytes > max) throw new Error(`the blob ${key} has more than ${max} bytes`)
    parts.push(part)
  }
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
