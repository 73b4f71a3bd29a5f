// What every blob store promises, wherever it keeps its bytes.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { type BlobStore, readBlob } from '../../src/ports/blob-store.ts'

/** Opens the store; within one kind all of them look at the same place. */
export type BlobKind = {
  readonly open: () => Promise<BlobStore> | BlobStore
  /** The service of the test itself mixes writes of one key that come at once, and puts `-` and `.` in another order. */
  readonly approximate?: true
}

const MIB = 1_048_576
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = async (store: BlobStore, key: string, from = 0, to?: number): Promise<string | null> => {
  const range = to === undefined ? { from } : { from, to }
  const found = await readBlob(store, key, MIB, range)
  return found === null ? null : new TextDecoder().decode(found)
}

let places = 0
/** A prefix of its own for each test. */
function place(): string {
  places += 1
  return `t${process.pid}-${places}`
}

export function blobContract(name: string, { open, approximate }: BlobKind): void {
  describe(name, () => {
    test('what was put is read again, by another opening of the store too', async () => {
      const at = place()
      await using store = await open()
      assert.equal(await store.put(`${at}/a`, bytes('hello')), 5)
      await using other = await open()
      assert.equal(await text(other, `${at}/a`), 'hello')
      assert.equal((await store.head(`${at}/a`))?.bytes, 5)
      assert.ok(Math.abs((await store.head(`${at}/a`))!.modifiedAt - Date.now()) < 600_000)
    })

    test('an empty blob is a blob', async () => {
      const at = place()
      await using store = await open()
      await store.put(`${at}/empty`, bytes(''))
      assert.equal(await text(store, `${at}/empty`), '')
      await store.put(`${at}/empty-stream`, stream([]))
      assert.equal((await store.head(`${at}/empty-stream`))?.bytes, 0)
    })

    test('a blob in a few pieces is all of them, one after the other', async () => {
      const at = place()
      await using store = await open()
      const large = new Uint8Array(900_000).fill(0x61)
      assert.equal(await store.put(`${at}/a`, [bytes('head'), bytes(''), large, bytes('end')]), 900_007)
      assert.equal(await text(store, `${at}/a`), `head${'a'.repeat(900_000)}end`)
      assert.equal(await store.put(`${at}/none`, []), 0)
      assert.equal(await text(store, `${at}/none`), '')
    })

    test('of many in one folder those that are named go, together', async () => {
      const at = place()
      await using store = await open()
      for (const name of ['1', '2', '3', '4']) await store.put(`${at}/x/${name}`, bytes(name))
      await store.delete([`${at}/x/1`, `${at}/none/1`, `${at}/x/3`, `${at}/x`])
      const left = await store.list(`${at}/`, { limit: 9 })
      assert.deepEqual(
        left.map(({ key }) => key),
        [`${at}/x/2`, `${at}/x/4`],
      )
    })

    test('what is not there is null', async () => {
      const at = place()
      await using store = await open()
      assert.equal(await store.get(`${at}/none`), null)
      assert.equal(await store.head(`${at}/none`), null)
      await store.put(`${at}/folder/blob`, bytes('x'))
      assert.equal(await store.get(`${at}/folder`), null)
      assert.equal(await store.head(`${at}/folder`), null)
    })

    test('the later of two writes replaces the earlier, whole', async () => {
      const at = place()
      await using store = await open()
      await store.put(`${at}/a`, bytes('the first and longer text'))
      await store.put(`${at}/a`, bytes('second'))
      assert.equal(await text(store, `${at}/a`), 'second')
    })

    test('ranges are half-open and end with the blob', async () => {
      const at = place()
      await using store = await open()
      await store.put(`${at}/a`, bytes('0123456789'))
      assert.equal(await text(store, `${at}/a`, 0, 3), '012')
      assert.equal(await text(store, `${at}/a`, 8, 99), '89')
      assert.equal(await text(store, `${at}/a`, 4), '456789')
      assert.equal(await text(store, `${at}/a`, 10), '')
      assert.equal(await text(store, `${at}/a`, 99), '')
      assert.equal(await text(store, `${at}/a`, 3, 3), '')
      const blob = await store.get(`${at}/a`, { from: 2, to: 4 })
      assert.equal(blob?.bytes, 10)
      for await (const _ of blob!.content) break
    })

    test('a long stream arrives byte for byte', async () => {
      const at = place()
      await using store = await open()
      const sent = createHash('sha256')
      const size = await store.put(
        `${at}/long`,
        counting(20 * MIB + 17, (part) => sent.update(part)),
      )
      assert.equal(size, 20 * MIB + 17)
      const got = createHash('sha256')
      const blob = await store.get(`${at}/long`)
      assert.equal(blob?.bytes, size)
      for await (const part of blob!.content) got.update(part)
      assert.equal(got.digest('hex'), sent.digest('hex'))
    })

    test('a source that throws leaves what was there', async () => {
      const at = place()
      await using store = await open()
      await store.put(`${at}/a`, bytes('old'))
      const mine = new Error('the source broke')
      await assert.rejects(store.put(`${at}/a`, breaking(12 * MIB, mine)), (error) => error === mine)
      await assert.rejects(store.put(`${at}/b`, breaking(10, mine)), (error) => error === mine)
      assert.equal(await text(store, `${at}/a`), 'old')
      assert.equal(await store.head(`${at}/b`), null)
      assert.deepEqual(
        (await store.list(`${at}/`, { limit: 9 })).map(({ key }) => key),
        [`${at}/a`],
      )
    })

    test('a list is in the order of the keys, page by page', async () => {
      const at = place()
      await using store = await open()
      const names = ['a', 'a-b', 'a.b', 'a0', 'b/1', 'b/10', 'b/2', 'b-/1', 'b0/1']
      const keys = names
        .filter((name) => approximate !== true || !/[-.]/.test(name))
        .map((name) => `${at}/${name}`)
      for (const key of keys) await store.put(key, bytes(key))
      const sorted = keys.toSorted()
      const listed: string[] = []
      for (let after: string | undefined; ; after = listed.at(-1)) {
        const page = await store.list(`${at}/`, { limit: 2, ...(after === undefined ? {} : { after }) })
        listed.push(...page.map(({ key }) => key))
        assert.ok(page.every(({ bytes }, n) => bytes === page[n]!.key.length))
        if (page.length < 2) break
      }
      assert.deepEqual(listed, sorted)
      const begin = await store.list(`${at}/b`, { limit: 99 })
      assert.deepEqual(
        begin.map(({ key }) => key),
        sorted.filter((key) => key.startsWith(`${at}/b`)),
      )
      assert.deepEqual(await store.list(`${at}/none`, { limit: 9 }), [])
    })

    test('deleting takes away what is named and nothing else, and may be repeated', async () => {
      const at = place()
      await using store = await open()
      for (const key of ['x/1', 'x/2', 'y']) await store.put(`${at}/${key}`, bytes(key))
      await store.delete([`${at}/x/1`, `${at}/never`])
      await store.delete([`${at}/x/1`])
      assert.deepEqual(
        (await store.list(`${at}/`, { limit: 9 })).map(({ key }) => key),
        [`${at}/x/2`, `${at}/y`],
      )
      await store.delete([`${at}/x/2`, `${at}/y`])
      assert.deepEqual(await store.list(`${at}/`, { limit: 9 }), [])
      await store.put(`${at}/x/1`, bytes('again'))
      assert.equal(await text(store, `${at}/x/1`), 'again')
    })

    test('many writers at once do not meet', async () => {
      const at = place()
      await using store = await open()
      const turns = Array.from({ length: 20 }, async (_, n) => {
        await store.put(`${at}/deep/${n}/blob`, bytes(`blob ${n}`))
        if (n % 2 === 0) await store.delete([`${at}/deep/${n}/blob`])
        await store.put(`${at}/same`, bytes(`writer ${n} wrote this`))
      })
      await Promise.all(turns)
      assert.equal((await store.list(`${at}/deep/`, { limit: 99 })).length, 10)
      if (approximate === true) return
      assert.match((await text(store, `${at}/same`))!, /^writer \d+ wrote this$/)
    })

    test('a key that is none is refused', async () => {
      await using store = await open()
      for (const key of [
        '',
        '/',
        'a/',
        '/a',
        'a//b',
        '../a',
        'a/../b',
        '.aside/1',
        'a/.b',
        'a b',
        'ä',
        'a\0',
      ]) {
        await assert.rejects(store.put(key, bytes('x')), /is no key of a blob/, JSON.stringify(key))
        await assert.rejects(store.get(key), /is no key of a blob/)
      }
    })

    test('it says that it is there', async () => {
      await using store = await open()
      await store.ping()
    })
  })
}

async function* stream(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

/** Bytes that repeat only after a long while, in parts of uneven size. */
async function* counting(size: number, sent: (part: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for (let at = 0, n = 1; at < size; n += 1) {
    const part = new Uint8Array(Math.min(size - at, (n * 65_537) % 300_000 || 1))
    for (let i = 0; i < part.length; i += 64) part[i] = (at + i) % 251
    sent(part)
    yield part
    at += part.length
  }
}

async function* breaking(after: number, error: Error): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(after)
  throw error
}
