// The store of blobs on a real S3 server, and what is told when that does not do as asked.

import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { openS3BlobStore } from '../../src/adapters/s3/s3-blob-store.ts'
import { S3_LIMITS } from '../../src/adapters/s3/s3-requests.ts'
import { type BlobStore, BlobStoreUnavailable, readBlob } from '../../src/ports/blob-store.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { anyFetch } from '../support/any-fetch.ts'
import { S3_CREDENTIALS, S3Process } from '../support/s3-process.ts'
import { systemClock } from '../support/system-clock.ts'
import { blobContract } from './blob.contract.ts'

let server: S3Process
before(async () => {
  server = await S3Process.start('blobs')
})
after(() => server[Symbol.asyncDispose]())

const open = (
  over: { bucket?: string; prefix?: string; endpoint?: string; user?: string } = {},
): BlobStore => {
  const { bucket = 'blobs', prefix = '', endpoint = server.endpoint, user } = over
  const credentials = { ...S3_CREDENTIALS, ...(user === undefined ? {} : { accessKeyId: user }) }
  return openS3BlobStore(
    { endpoint, region: 'us-east-1', bucket, prefix },
    credentials,
    systemClock,
    anyFetch,
  )
}

blobContract('blobs on an S3 server', { open, approximate: true })
blobContract('blobs below a prefix of a bucket', {
  open: () => open({ prefix: 'carillon/' }),
  approximate: true,
})

test('stores below two prefixes do not see each other', async () => {
  await using one = open({ prefix: 'one/' })
  await using two = open({ prefix: 'two/' })
  await one.put('a/b', new Uint8Array(3))
  assert.equal(await two.head('a/b'), null)
  assert.deepEqual(await two.list('', { limit: 9 }), [])
  assert.deepEqual(
    (await one.list('', { limit: 9 })).map(({ key }) => key),
    ['a/b'],
  )
  assert.equal((await readBlob(one, 'a/b', 9))?.length, 3)
})

/** A service as the listener has it, and a clock on which nothing passes but what is asked to. */
async function played(listener: RequestListener) {
  const http = createServer(listener)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const timers = new Map<() => void, number>()
  const clock: Clock = {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after: (ms, callback) => {
      timers.set(callback, ms)
      return () => void timers.delete(callback)
    },
  }
  const place = { endpoint, region: 'us-east-1', bucket: 'blobs', prefix: '' }
  return {
    store: openS3BlobStore(place, S3_CREDENTIALS, clock, anyFetch),
    fire: (ms: number) => {
      for (const [callback, after] of [...timers]) if (after === ms) callback()
    },
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

test('a service that falls silent within a blob is no end of it', async () => {
  await using service = await played((_, response) => {
    response.writeHead(200, { 'content-length': '8' })
    response.write('half')
  })
  const blob = await service.store.get('a')
  const parts = blob!.content[Symbol.asyncIterator]()
  assert.equal(String(Buffer.from((await parts.next()).value as Uint8Array)), 'half')
  const next = parts.next()
  service.fire(S3_LIMITS.silenceMs)
  await assert.rejects(next, (error: Error) => {
    assert.ok(error instanceof BlobStoreUnavailable)
    assert.match(error.message, /nothing came for 30 s/)
    return true
  })
})

test('a page shorter than asked for is not the last one, unless it says so', async () => {
  const keys = ['a', 'b', 'c']
  await using service = await played((request, response) => {
    const marker = new URL(request.url!, 'http://x').searchParams.get('marker') ?? ''
    const rest = keys.filter((key) => key > marker)
    const contents = rest.slice(0, 1).map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`)
    const page = `<IsTruncated>${rest.length > 1}</IsTruncated>${contents.join('')}`
    response.end(`<ListBucketResult>${page}</ListBucketResult>`)
  })
  const heads = await service.store.list('', { limit: 9 })
  assert.deepEqual(
    heads.map(({ key }) => key),
    keys,
  )
})

test('what is in the way is told: bucket, key, and what the service said', async () => {
  const put = (store: BlobStore) => store.put('a', new Uint8Array(1))
  const refused = (pattern: RegExp) => (error: Error) => {
    assert.ok(error instanceof BlobStoreUnavailable)
    assert.match(error.message, pattern)
    return true
  }
  await assert.rejects(
    put(open({ bucket: 'none' })),
    refused(/bucket none, did not do PUT a: 404 NoSuchBucket/),
  )
  await assert.rejects(put(open({ user: 'nobody' })), refused(/403 InvalidAccessKeyId/))
  await assert.rejects(open({ bucket: 'none' }).ping(), refused(/404 NoSuchBucket/))
  await assert.rejects(put(open({ endpoint: 'http://127.0.0.1:1' })), refused(/ECONNREFUSED|bad port/))
})
