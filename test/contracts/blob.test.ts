import { after } from 'node:test'
import { openDiskBlobStore } from '../../src/adapters/disk/disk-blob-store.ts'
import { Folder } from '../support/folder.ts'
import { MemoryBlobs } from '../support/memory-blobs.ts'
import { blobContract } from './blob.contract.ts'

const folder = new Folder()
after(() => folder[Symbol.dispose]())

blobContract('blobs in a directory', { open: () => openDiskBlobStore(folder.file('blobs')) })

const memory = new MemoryBlobs()
blobContract('blobs in memory', { open: () => memory })
