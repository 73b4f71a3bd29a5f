import assert from 'node:assert/strict'
import { existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { type FileHandle, open, readlink, stat } from 'node:fs/promises'
import { test } from 'node:test'
import { openDiskBlobStore } from '../../src/adapters/disk/disk-blob-store.ts'
import { BlobStoreUnavailable } from '../../src/ports/blob-store.ts'
import { Folder } from '../support/folder.ts'

const BYTES = new Uint8Array(9)

test('what a crash left half written is no blob, and is gone a day later', async () => {
  using folder = new Folder()
  mkdirSync(folder.file('.aside/w1'), { recursive: true })
  mkdirSync(folder.file('.aside/w2'))
  writeFileSync(folder.file('.aside/w1/1'), 'half')
  utimesSync(folder.file('.aside/w1'), 1, 1)
  await using store = openDiskBlobStore(folder.path)
  assert.equal(existsSync(folder.file('.aside/w1')), false)
  assert.equal(existsSync(folder.file('.aside/w2')), true, 'another may be at work there')
  assert.deepEqual(await store.list('', { limit: 9 }), [])
})

test('only its owner can read a blob', {
  skip: process.platform === 'win32' ? 'no modes' : false,
}, async () => {
  using folder = new Folder()
  await using store = openDiskBlobStore(folder.file('blobs'))
  await store.put('logs/1', BYTES)
  assert.equal(statSync(folder.file('blobs/logs/1')).mode & 0o777, 0o600)
  assert.equal(statSync(folder.file('blobs/logs')).mode & 0o777, 0o700)
})

test('folders that have become empty go with their last blob', async () => {
  using folder = new Folder()
  await using store = openDiskBlobStore(folder.path)
  await store.put('a/b/c/1', BYTES)
  await store.delete(['a/b/c/1'])
  assert.equal(existsSync(folder.file('a')), false)
})

test('a directory that cannot be used is told as such', async () => {
  using folder = new Folder()
  writeFileSync(folder.file('file'), '')
  assert.throws(() => openDiskBlobStore(folder.file('file')), BlobStoreUnavailable)
  await using store = openDiskBlobStore(folder.file('blobs'))
  writeFileSync(folder.file('blobs/a'), '')
  await assert.rejects(store.put('a/b', BYTES), BlobStoreUnavailable)
})

test('nothing is there before the new folder that names it is on the disk, whoever made that', {
  skip: process.platform !== 'linux',
}, async () => {
  using folder = new Folder()
  await using store = openDiskBlobStore(folder.path)
  const handle = await open(folder.path, 'r')
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  const { sync } = prototype
  const gate = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  prototype.sync = async function (this: FileHandle) {
    if ((await readlink(`/proc/self/fd/${this.fd}`)) === folder.file('a')) {
      held.resolve()
      await gate.promise
    }
    await sync.call(this)
  }
  try {
    let there = 0
    const puts = ['1', '2', '3'].map(async (name) => {
      await store.put(`a/b/${name}`, BYTES)
      there += 1
    })
    await held.promise
    // As much as the others need to come to their end, if nothing held them.
    for (let n = 0; n < 50; n += 1) await stat(folder.path)
    assert.equal(there, 0)
    gate.resolve()
    await Promise.all(puts)
  } finally {
    prototype.sync = sync
    gate.resolve()
  }
})
