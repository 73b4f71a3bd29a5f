import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readBlobPlace } from './blob-place.ts'

test('a directory, or a bucket with what it takes to find it', () => {
  const s3 = (over: object) => ({ kind: 's3', bucket: 'logs', prefix: '', region: 'us-east-1', ...over })
  const places = {
    '/var/lib/blobs': { kind: 'directory', path: '/var/lib/blobs' },
    './data/blobs': { kind: 'directory', path: './data/blobs' },
    's3://logs': s3({ endpoint: 'https://s3.us-east-1.amazonaws.com' }),
    's3://logs?region=eu-central-1': s3({
      region: 'eu-central-1',
      endpoint: 'https://s3.eu-central-1.amazonaws.com',
    }),
    's3://logs/carillon/prod/?endpoint=http://minio:9000/': s3({
      prefix: 'carillon/prod/',
      endpoint: 'http://minio:9000',
    }),
  }
  for (const [text, place] of Object.entries(places)) assert.deepEqual(readBlobPlace(text), place)
})

test('what cannot be meant is told', () => {
  const refusals: [string, RegExp][] = [
    ['https://bucket', /is a directory, or such as s3:/],
    ['s3://key:secret@logs', /AWS_ACCESS_KEY_ID/],
    ['s3://L', /names a bucket/],
    ['s3://logs?regoin=x', /not "regoin"/],
    ['s3://logs?endpoint=minio:9000', /has an endpoint such as https/],
    ['s3://logs/a%20b', /has a prefix of letters/],
  ]
  for (const [text, detail] of refusals) {
    const place = readBlobPlace(text)
    assert.match('detail' in place ? place.detail : 'taken', detail, text)
  }
})
