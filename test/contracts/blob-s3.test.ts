// The store of blobs on a real S3 server, and what is told when that does not do as asked.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openS3BlobStore } from '../../src/adapters/s3/s3-blob-store.ts'
import { type BlobStore, BlobStoreUnavailable, readBlob } from '../../src/ports/blob-store.ts'
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
  return openS3BlobStore({ endpoint, region: 'us-east-1', bucket, prefix }, credentials, systemClock)
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
