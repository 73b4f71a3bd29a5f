// The blob store the configuration names.

import { join } from 'node:path'
import { openDiskBlobStore } from '../adapters/disk/disk-blob-store.ts'
import type { BlobStore } from '../ports/blob-store.ts'
import type { Config } from './config/config.ts'

export function openBlobStore({ blobs, dataDir }: Pick<Config, 'blobs' | 'dataDir'>): BlobStore {
  return openDiskBlobStore(blobs ?? join(dataDir, 'blobs'))
}
