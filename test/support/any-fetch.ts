// For tests of an S3 store itself: whoever it is told to speak with, it may.

import type { S3Fetch } from '../../src/adapters/s3/s3-requests.ts'

export const anyFetch: S3Fetch = (url, { body, ...init }) =>
  fetch(url, { ...init, ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }) })
