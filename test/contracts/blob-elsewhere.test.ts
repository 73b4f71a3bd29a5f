// The store of blobs on a service of your own: CARILLON_TEST_S3=http://127.0.0.1:8080/bucket, with the key in AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY. OpenStack Swift 2.30 with s3api and tempauth keeps the contract.

import { test } from 'node:test'
import { openS3BlobStore } from '../../src/adapters/s3/s3-blob-store.ts'
import { anyFetch } from '../support/any-fetch.ts'
import { systemClock } from '../support/system-clock.ts'
import { blobContract } from './blob.contract.ts'

const { CARILLON_TEST_S3: place, AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = process.env

if (place === undefined) {
  test('the store of blobs on a service of your own', { skip: 'CARILLON_TEST_S3 names none' })
} else {
  const { origin, pathname } = new URL(place)
  const prefix = `${process.pid}-${Date.now()}/`
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY }
  const at = { endpoint: origin, region: 'us-east-1', bucket: pathname.slice(1), prefix }
  blobContract(`blobs at ${place}`, {
    open: () => openS3BlobStore(at, credentials, systemClock, anyFetch),
    approximate: true,
  })
}
