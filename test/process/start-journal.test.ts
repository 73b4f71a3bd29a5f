import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { StartJournal } from '../../src/dispatch/process/start-journal.ts'
import { Folder } from '../support/folder.ts'

const start = (runId: string, fence = 1, part = 0) => ({ runId, part, fence })

test('a start is granted once, also after a restart', async () => {
  using folder = new Folder()
  const path = folder.file('starts')
  {
    await using journal = await StartJournal.open(path)
    assert.equal(await journal.begin(start('run_1')), true)
    assert.equal(await journal.begin(start('run_1')), false)
    assert.equal(await journal.begin(start('run_1', 2)), true)
    assert.equal(await journal.begin(start('run_1', 1, 3)), true)
    journal.end(start('run_1'))
  }
  await using journal = await StartJournal.open(path)
  assert.equal(await journal.begin(start('run_1')), false)
  assert.equal(await journal.begin(start('run_1', 2)), false)
  assert.equal(await journal.begin(start('run_1', 3)), true)
})

test('of two who ask at once one is granted', async () => {
  using folder = new Folder()
  await using journal = await StartJournal.open(folder.file('starts'))
  const granted = await Promise.all(Array.from({ length: 50 }, () => journal.begin(start('run_1'))))
  assert.equal(granted.filter(Boolean).length, 1)
})

test('it is in the file before it is granted', async () => {
  using folder = new Folder()
  const path = folder.file('starts')
  await using journal = await StartJournal.open(path)
  const asked = Array.from({ length: 100 }, async (_, n) => {
    await journal.begin(start(`run_${n}`))
    assert.match(readFileSync(path, 'utf8'), new RegExp(`^\\+run_${n} 0 1$`, 'm'))
  })
  await Promise.all(asked)
})

test('what had begun and not ended is told after a restart', async () => {
  using folder = new Folder()
  const path = folder.file('starts')
  {
    await using journal = await StartJournal.open(path)
    for (const id of ['run_1', 'run_2', 'run_3']) await journal.begin(start(id))
    journal.end(start('run_2'))
    assert.deepEqual(
      journal.unfinished().map(({ runId }) => runId),
      ['run_1', 'run_3'],
    )
  }
  await using journal = await StartJournal.open(path)
  assert.deepEqual(journal.unfinished(), [start('run_1'), start('run_3')])
  journal.end(start('run_1'))
  assert.deepEqual(journal.unfinished(), [start('run_3')])
})

test('a line that was cut off by a crash was never granted', async () => {
  using folder = new Folder()
  const path = folder.file('starts')
  writeFileSync(path, '+run_1 0 1\n-run_1 0 1\n+run_2 0')
  await using journal = await StartJournal.open(path)
  assert.equal(await journal.begin(start('run_1')), false)
  assert.equal(await journal.begin(start('run_2')), true)
  assert.equal(readFileSync(path, 'utf8'), '+run_1 0 1\n-run_1 0 1\n+run_2 0 1\n')
})

test('a damaged journal is refused, never taken for an empty one', async () => {
  using folder = new Folder()
  const path = folder.file('starts')
  writeFileSync(path, '+run_1 0 1\nwhat is this\n')
  await assert.rejects(StartJournal.open(path), /damaged at "what is this"/)
})

test('the file stays small, and never forgets what has not ended', async () => {
  using folder = new Folder()
  const path = folder.file('starts')
  const old = Array.from({ length: 60_000 }, (_, n) =>
    n === 5 ? '+run_5 0 1\n' : `+run_${n} 0 1\n-run_${n} 0 1\n`,
  )
  writeFileSync(path, old.join(''))
  await using journal = await StartJournal.open(path)
  assert.deepEqual(journal.unfinished(), [start('run_5')])
  assert.equal(await journal.begin(start('run_59999')), false)
  const { size } = statSync(path)
  const more = Array.from({ length: 61_000 }, async (_, n) => {
    await journal.begin(start('run_x', n + 1))
    journal.end(start('run_x', n + 1))
  })
  await Promise.all(more)
  await journal.begin(start('run_last'))
  assert.ok(statSync(path).size < 6 * size)
  assert.deepEqual(journal.unfinished(), [start('run_5'), start('run_last')])
})

test('a disk that takes nothing grants nothing', async () => {
  using folder = new Folder()
  const path = folder.file('starts')
  const journal = await StartJournal.open(path)
  await journal.begin(start('run_1'))
  await journal[Symbol.asyncDispose]()
  // Closed, the file refuses every write, as a full disk does; the journal is then written anew.
  await assert.rejects(journal.begin(start('run_2')))
  assert.equal(await journal.begin(start('run_2')), true)
  assert.equal(await journal.begin(start('run_1')), false)
  appendFileSync(path, '')
  assert.equal(readFileSync(path, 'utf8'), '+run_1 0 1\n+run_2 0 1\n')
  await journal[Symbol.asyncDispose]()
})
