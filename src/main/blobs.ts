// The blob store the configuration names.

import { join } from 'node:path'
import { openDiskBlobStore } from '../adapters/disk/disk-blob-store.ts'
import { openS3BlobStore } from '../adapters/s3/s3-blob-store.ts'
import type { S3Fetch } from '../adapters/s3/s3-requests.ts'
import { type BlobStore, BlobStoreUnavailable } from '../ports/blob-store.ts'
import type { Clock } from '../ports/clock.ts'
import { readBlobPlace } from './config/blob-place.ts'
import type { Config } from './config/config.ts'
import type { Environment } from './config/given.ts'

export function openBlobStore(
  { blobs, dataDir }: Pick<Config, 'blobs' | 'dataDir'>,
  env: Environment,
  clock: Clock,
  fetch: S3Fetch,
): BlobStore {
  return openPlace(blobs ?? join(dataDir, 'blobs'), 'blobs', env, { clock, fetch })
}

/** Where clients of dcron put their scripts. null: nowhere of their own. */
export function openForeignScripts(
  config: Pick<Config, 'doorDcronScripts'> &
    Partial<Pick<Config, 'doorDcronScriptsAccessKey' | 'doorDcronScriptsSecretKey'>>,
  environment: Environment,
  clock: Clock,
  fetch: S3Fetch,
): BlobStore | null {
  const { doorDcronScripts, doorDcronScriptsAccessKey: access, doorDcronScriptsSecretKey: secret } = config
  const keys =
    access == null || secret == null
      ? environment
      : { AWS_ACCESS_KEY_ID: access, AWS_SECRET_ACCESS_KEY: secret }
  return doorDcronScripts === null ? null : openPlace(doorDcronScripts, 'scripts', keys, { clock, fetch })
}

/** Keys of an object store come from the environment, under the names that its tools have. */
function openPlace(
  text: string,
  what: string,
  env: Environment,
  { clock, fetch }: { readonly clock: Clock; readonly fetch: S3Fetch },
): BlobStore {
  const place = readBlobPlace(text)
  if ('detail' in place) throw new Error(`${what} ${place.detail}`)
  if (place.kind === 'directory') return openDiskBlobStore(place.path)
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = env
  if (!accessKeyId || !secretAccessKey) {
    throw new BlobStoreUnavailable(
      `${what} are to be kept in the bucket ${place.bucket}, but there is no key for it: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
    )
  }
  const sessionToken = AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}
  return openS3BlobStore(place, { accessKeyId, secretAccessKey, ...sessionToken }, clock, fetch)
}
