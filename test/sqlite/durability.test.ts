import assert from 'node:assert/strict'
import {
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Database } from '../../src/adapters/sqlite/database.ts'
import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import { StoreUnavailable } from '../../src/ports/store.ts'
import { seededChance, World } from '../contracts/world.ts'
import { testFolder } from './folder.ts'

const inFolder = testFolder()
const open = (path: string) => openSqliteStore({ path, chance: seededChance() })

async function filled(name: string): Promise<string> {
  const path = inFolder(name)
  await using world = await World.around(open(path), seededChance())
  await world.store.jobs.add(
    Array.from({ length: 200 }, () => world.draft()),
    'me',
  )
  return path
}

function refuses(path: string, reason: RegExp): void {
  assert.throws(
    () => open(path),
    (error: Error) => {
      assert.ok(error instanceof StoreUnavailable, error.stack)
      assert.match(error.message, reason)
      assert.match(error.message, /backup/)
      return true
    },
  )
}

test('a file is opened as durable as it gets', () => {
  using db = new Database(inFolder('pragmas.db'))
  const read = (pragma: string) => db.tuples(`PRAGMA ${pragma}`).get()?.[0]
  assert.deepEqual(['journal_mode', 'synchronous', 'foreign_keys', 'mmap_size', 'cache_size'].map(read), [
    'wal',
    2,
    1,
    0,
    -8_192,
  ])
})

test('where SQLite cannot keep a write-ahead log, the store does not open', () => {
  assert.throws(
    () => new Database('file:/nowhere.db?vfs=memdb'),
    /did not take journal_mode = wal .*local disk/,
  )
})

test('what was there is there again', async () => {
  const path = await filled('again.db')
  await using store = open(path)
  assert.equal((await store.housekeeping.stats()).jobs.active, 200)
  await store.housekeeping.ping()
})

test('a crash while the file is first made leaves no half of it', async () => {
  const path = inFolder('first.db')
  writeFileSync(`${path}.new`, 'half')
  await using store = open(path)
  await store.housekeeping.ping()
  assert.equal(existsSync(`${path}.new`), false)
})

test('a new file and its journals are their owner’s alone, whatever others may see of the directory', async () => {
  const path = await filled('private.db')
  await using store = open(path)
  await store.housekeeping.ping()
  for (const file of [path, `${path}-wal`, `${path}-shm`])
    assert.equal(statSync(file).mode & 0o777, 0o600, file)
})

test('a damaged page is refused, and nothing is changed', async () => {
  const path = await filled('flipped.db')
  const bytes = readFileSync(path)
  for (const page of [1, 5, 9]) {
    const damaged = Buffer.from(bytes)
    damaged.fill(0xa5, page * 4_096, page * 4_096 + 64)
    writeFileSync(path, damaged)
    refuses(path, /damaged/)
    assert.deepEqual(readFileSync(path), damaged)
  }
})

test('a damaged beginning is refused', async () => {
  const path = await filled('header.db')
  const file = openSync(path, 'r+')
  writeSync(file, 'garbage', 0)
  refuses(path, /not a database/)
})

test('a file that was cut off is refused', async () => {
  const path = await filled('cut.db')
  truncateSync(path, Math.floor(statSync(path).size / 8_192) * 4_096)
  refuses(path, /damaged/)
})

test('an empty file is not taken for a new store', async () => {
  const path = await filled('empty.db')
  truncateSync(path, 0)
  refuses(path, /is empty/)
  assert.equal(statSync(path).size, 0)
})

test('a file that vanished while its journal is there is not begun anew', async () => {
  const path = inFolder('vanished.db')
  {
    await using world = await World.around(open(path), seededChance())
    await world.job()
    copyFileSync(`${path}-wal`, `${path}.kept`)
  }
  rmSync(path)
  copyFileSync(`${path}.kept`, `${path}-wal`)
  refuses(path, /is gone/)
  assert.equal(existsSync(path), false)
})

test('a cut off journal loses only what was never whole', async () => {
  const path = inFolder('wal.db')
  await using world = await World.around(open(path), seededChance())
  await world.job({ name: 'first' })
  const whole = statSync(`${path}-wal`).size
  await world.job({ name: 'second' })
  const copy = inFolder('wal-copy.db')
  copyFileSync(path, copy)
  copyFileSync(`${path}-wal`, `${copy}-wal`)
  truncateSync(`${copy}-wal`, whole + 100)
  await using store = open(copy)
  const { items } = await store.jobs.list({}, { limit: 9 })
  assert.deepEqual(
    items.map(({ spec }) => spec.name),
    ['first'],
  )
})

test('a full disk is said so, and what was there stays whole', () => {
  using db = new Database(inFolder('full.db'))
  db.exec('CREATE TABLE t (x TEXT); PRAGMA max_page_count = 4')
  const insert = db.command('INSERT INTO t VALUES (?)')
  db.write(() => insert.run('kept'))
  assert.throws(
    () => db.write(() => insert.run('x'.repeat(100_000))),
    (error: Error) => error instanceof StoreUnavailable && /disk is full/.test(error.message),
  )
  assert.deepEqual(db.tuples('SELECT x FROM t').all(), [['kept']])
})

test('a lock held by somebody else is said so', async () => {
  const path = inFolder('busy.db')
  await using world = await World.around(open(path), seededChance())
  using other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  await assert.rejects(
    world.job(),
    (error: Error) => error instanceof StoreUnavailable && /locked by another process/.test(error.message),
  )
  other.exec('ROLLBACK')
  await world.job()
})
