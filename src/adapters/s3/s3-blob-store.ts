// Blobs in a bucket of an S3-compatible service, addressed by path. What fits into one part is one request; more goes up in
// parts, of which nothing is seen before all of them are there.

import {
  type Blob,
  type BlobBytes,
  type BlobHead,
  type BlobKey,
  type BlobRange,
  type BlobStore,
  checkBlobKey,
} from '../../ports/blob-store.ts'
import type { Clock } from '../../ports/clock.ts'
import { partsOf } from './parts.ts'
import { type S3Credentials, type S3Fetch, type S3Place, S3Requests } from './s3-requests.ts'
import { escaped, xmlElements, xmlText } from './xml.ts'

const LIST_MAX = 1_000
const DELETES_AT_ONCE = 8

type Page = { readonly page: readonly BlobHead[]; readonly isLast: boolean }

const NOTHING: Blob['content'] = (async function* () {})()

export function openS3BlobStore(
  place: S3Place,
  credentials: S3Credentials,
  clock: Clock,
  fetch: S3Fetch,
): BlobStore {
  return new S3BlobStore(place, new S3Requests(place, credentials, clock, fetch))
}

class S3BlobStore implements BlobStore {
  readonly #prefix: string
  readonly #requests: S3Requests

  constructor({ prefix }: S3Place, requests: S3Requests) {
    this.#prefix = prefix
    this.#requests = requests
  }

  async put(key: BlobKey, content: BlobBytes): Promise<number> {
    checkBlobKey(key)
    const parts = partsOf(content)
    const first = await parts.next()
    const body = first.done ? new Uint8Array(0) : first.value
    const second = await parts.next()
    if (!second.done) return this.#putParts(key, [body, second.value], parts)
    await this.#requests.text({ method: 'PUT', key, body })
    return body.length
  }

  async get(key: BlobKey, range: BlobRange = { from: 0 }): Promise<Blob | null> {
    checkBlobKey(key)
    const { from, to } = range
    const whole = from === 0 && to === undefined
    if (to !== undefined && to <= from) return this.#empty(key)
    const headers = whole ? {} : { range: `bytes=${from}-${to === undefined ? '' : to - 1}` }
    const response = await this.#requests.send({ method: 'GET', key, headers, alsoFine: [404, 416] })
    if (response.ok) {
      const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1]
      const bytes = Number(total ?? response.headers.get('content-length') ?? 0)
      return { bytes, content: this.#requests.bytes(response) }
    }
    await response.body?.cancel()
    return response.status === 404 ? null : this.#empty(key)
  }

  async head(key: BlobKey): Promise<BlobHead | null> {
    checkBlobKey(key)
    const response = await this.#requests.send({ method: 'HEAD', key, alsoFine: [404] })
    await response.body?.cancel()
    if (!response.ok) return null
    const { headers } = response
    const modifiedAt = Date.parse(headers.get('last-modified') ?? '') || 0
    return { key, bytes: Number(headers.get('content-length') ?? 0), modifiedAt }
  }

  async list(prefix: string, { limit, after }: { limit: number; after?: BlobKey }): Promise<BlobHead[]> {
    const heads: BlobHead[] = []
    for (let last = after; heads.length < limit; last = heads.at(-1)!.key) {
      const count = Math.min(LIST_MAX, limit - heads.length)
      const { page, isLast } = await this.#page(prefix, count, last)
      heads.push(...page)
      // A service may give less than was asked for, and have more.
      if (isLast || page.length === 0) break
    }
    return heads
  }

  async delete(keys: readonly BlobKey[]): Promise<void> {
    for (const key of keys) checkBlobKey(key)
    const rest = keys.values()
    const lanes = Array.from({ length: Math.min(DELETES_AT_ONCE, keys.length) }, async () => {
      for (const key of rest) await this.#requests.text({ method: 'DELETE', key, alsoFine: [404] })
    })
    await Promise.all(lanes)
  }

  async ping(): Promise<void> {
    await this.#page('', 1)
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #empty(key: BlobKey): Promise<Blob | null> {
    const head = await this.head(key)
    return head === null ? null : { bytes: head.bytes, content: NOTHING }
  }

  async #page(prefix: string, count: number, after?: BlobKey): Promise<Page> {
    // The first version of the call: every service knows it, and goes on from any key.
    const query = {
      prefix: this.#prefix + prefix,
      'max-keys': String(count),
      ...(after === undefined ? {} : { marker: this.#prefix + after }),
    }
    const xml = await this.#requests.text({ method: 'GET', key: null, query })
    const page = xmlElements(xml, 'Contents').map((item) => ({
      key: (xmlText(item, 'Key') ?? '').slice(this.#prefix.length),
      bytes: Number(xmlText(item, 'Size') ?? 0),
      modifiedAt: Date.parse(xmlText(item, 'LastModified') ?? '') || 0,
    }))
    return { page, isLast: xmlText(xml, 'IsTruncated') !== 'true' }
  }

  async #putParts(
    key: BlobKey,
    first: readonly Uint8Array[],
    rest: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    const begun = await this.#requests.text({ method: 'POST', key, query: { uploads: '' } })
    const uploadId = xmlText(begun, 'UploadId') ?? ''
    const tags: string[] = []
    let bytes = 0
    const send = async (body: Uint8Array): Promise<void> => {
      const query = { partNumber: String(tags.length + 1), uploadId }
      const response = await this.#requests.send({ method: 'PUT', key, query, body })
      await response.body?.cancel()
      tags.push(response.headers.get('etag') ?? '')
      bytes += body.length
    }
    try {
      for (const part of first) await send(part)
      for await (const part of rest) await send(part)
      await this.#complete(key, uploadId, tags)
      return bytes
    } catch (error) {
      // Parts of an upload that is never completed would be paid for for ever.
      await this.#requests
        .text({ method: 'DELETE', key, query: { uploadId }, alsoFine: [404] })
        .catch(() => undefined)
      throw error
    }
  }

  async #complete(key: BlobKey, uploadId: string, tags: readonly string[]): Promise<void> {
    const parts = tags.map(
      (tag, n) => `<Part><PartNumber>${n + 1}</PartNumber><ETag>${escaped(tag)}</ETag></Part>`,
    )
    const xml = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`
    const body = new TextEncoder().encode(xml)
    const headers = { 'content-type': 'application/xml' }
    const answer = await this.#requests.text({ method: 'POST', key, query: { uploadId }, headers, body })
    // It answers 200 before it knows, and tells a failure in the body.
    const code = xmlText(answer, 'Code')
    if (code !== null) throw new Error(`the object store could not complete the upload of ${key}: ${code}`)
  }
}
