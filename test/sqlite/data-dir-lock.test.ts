import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { lockDataDir } from '../../src/adapters/sqlite/data-dir-lock.ts'
import { runChild } from './child.ts'
import { testFolder } from './folder.ts'

const inFolder = testFolder()

test('a new directory is its owner’s alone', () => {
  const dir = inFolder('new/deep')
  using lock = lockDataDir(dir)
  assert.equal(lock.dir, dir)
  assert.equal(statSync(dir).mode & 0o777, 0o700)
  assert.equal(readFileSync(join(dir, 'carillon.pid'), 'utf8'), `${process.pid}\n`)
})

test('a directory is held until it is let go', () => {
  const dir = inFolder('same')
  {
    using _ = lockDataDir(dir)
    assert.throws(() => lockDataDir(dir), /is in use by process \d+/)
  }
  assert.equal(existsSync(join(dir, 'carillon.pid')), false)
  using _ = lockDataDir(dir)
})

test('a second process is told who holds it; a crash of that one frees it', async () => {
  const dir = inFolder('crash')
  const holder = runChild('hold-lock.ts', dir)
  assert.equal(await holder.line(), 'locked')
  assert.throws(() => lockDataDir(dir), {
    message: `data directory ${dir} is in use by process ${holder.process.pid}. Stop that process first, or start this one with a data directory of its own.`,
  })
  await holder.kill()
  assert.equal(existsSync(join(dir, 'carillon.pid')), true)
  using _ = lockDataDir(dir)
  assert.equal(readFileSync(join(dir, 'carillon.pid'), 'utf8'), `${process.pid}\n`)
})

test('a left over pid that belongs to another process by now is harmless', () => {
  const dir = inFolder('reused')
  lockDataDir(dir)[Symbol.dispose]()
  for (const pid of [String(process.ppid), 'nonsense', '']) {
    writeFileSync(join(dir, 'carillon.pid'), pid)
    lockDataDir(dir)[Symbol.dispose]()
  }
})

test('who refuses names a process even when the pid is unreadable', () => {
  const dir = inFolder('unreadable')
  using _ = lockDataDir(dir)
  writeFileSync(join(dir, 'carillon.pid'), 'nonsense')
  assert.throws(() => lockDataDir(dir), /in use by another process/)
})
