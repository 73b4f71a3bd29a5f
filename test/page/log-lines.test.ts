// The log viewer's reading: long lines come in several answers, what cannot be read is not asked for without end.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogLines, PAUSE_MS, type ReadLines } from '../../ui/src/log/log-lines.ts'
import { searchLog } from '../../ui/src/log/search-log.ts'

const TOTAL = 12_000

type Line = Awaited<ReturnType<ReadLines>>['items'][number]

function line(number: number, text = `line ${number}`): Line {
  return { line: number, at: '2027-01-01T00:00:00.000Z', stream: 'stdout', text }
}

/** A server that gives at most so many lines in one answer. */
function server(atOnce: number, textOf: (line: number) => string = (n) => `line ${n}`) {
  const asked: [from: number, limit: number][] = []
  const read: ReadLines = async (from, limit) => {
    asked.push([from, limit])
    const count = Math.max(0, Math.min(limit, atOnce, TOTAL - from + 1))
    const items = Array.from({ length: count }, (_, n) => line(from + n, textOf(from + n)))
    return { items, next: from + count, total: TOTAL }
  }
  return { asked, read }
}

/** All that is under way has come to its end. */
async function settled(): Promise<void> {
  for (let n = 0; n < 200; n += 1) await Promise.resolve()
}

/** What is in sight is drawn again at each change, as the viewer does. */
function viewer(read: ReadLines, inSight: readonly number[], total = TOTAL) {
  let drawn = 0
  const waiting: { ms: number; act: () => void }[] = []
  const draw = (): void => {
    drawn += 1
    if (drawn > 1_000) throw new Error('drawn without end')
    for (const number of inSight) lines.line(number)
  }
  const lines: LogLines = new LogLines(total, read, draw, (ms, act) => waiting.push({ ms, act }))
  draw()
  return { lines, waiting, drawn: () => drawn }
}

test('a page of long lines comes in several answers, each line once', async () => {
  const { asked, read } = server(128)
  const { lines } = viewer(read, [1, 250, 499, 500])
  await settled()
  assert.deepEqual(
    asked.map(([from]) => from),
    [1, 129, 257, 385],
  )
  for (let n = 1; n <= 500; n += 1) assert.equal(lines.line(n)?.line, n)
  assert.equal(asked.length, 4)
})

test('what has come by itself is not asked for again', async () => {
  const { asked, read } = server(10_000)
  const { lines } = viewer(read, [])
  lines.add(Array.from({ length: 300 }, (_, n) => line(n + 1)))
  assert.equal(lines.line(301), undefined)
  await settled()
  assert.deepEqual(asked, [[301, 200]])
})

test('an error is told once, and asked again only after a pause', async () => {
  let fails = true
  let asked = 0
  const good = server(500).read
  const read: ReadLines = async (from, limit) => {
    asked += 1
    if (fails) throw new Error('away')
    return good(from, limit)
  }
  const { lines, waiting, drawn } = viewer(read, [1, 2, 3])
  await settled()
  assert.deepEqual([asked, drawn(), String(lines.wrong)], [1, 2, 'Error: away'])
  assert.deepEqual(
    waiting.map(({ ms }) => ms),
    [PAUSE_MS],
  )
  waiting.shift()?.act()
  await settled()
  assert.equal(asked, 2)
  fails = false
  waiting.shift()?.act()
  await settled()
  assert.deepEqual([asked, lines.wrong, lines.line(1)?.text], [3, null, 'line 1'])
  assert.equal(waiting.length, 0)
})

test('lines that the server does not have are not asked for without end', async () => {
  let asked = 0
  const read: ReadLines = async (from) => {
    asked += 1
    return { items: [], next: from, total: 0 }
  }
  const { waiting } = viewer(read, [1, 400], 400)
  await settled()
  assert.deepEqual([asked, waiting.length], [1, 1])
})

test('a drag through all of it asks for where it ends, not for all it passed', async () => {
  const { asked, read } = server(500)
  const lines: LogLines = new LogLines(TOTAL, read, () => {})
  for (let n = 1; n <= TOTAL; n += 100) lines.line(n)
  await settled()
  assert.ok(asked.length <= 8, `asked ${asked.length} times`)
  assert.equal(lines.line(TOTAL)?.line, TOTAL)
})

test('of long lines only some are kept', async () => {
  const { asked, read } = server(500, () => 'x'.repeat(16_384))
  const lines: LogLines = new LogLines(TOTAL, read, () => {})
  for (let n = 1; n <= TOTAL; n += 500) {
    lines.line(n)
    await settled()
  }
  const before = asked.length
  let kept = 0
  for (let n = 1; n <= TOTAL; n += 500) if (lines.line(n) !== undefined) kept += 1
  assert.equal(before, TOTAL / 500)
  assert.ok(kept >= 2 && kept <= 4, `${kept} pages are kept`)
})

test('a search that is given up asks for nothing more', async () => {
  const { asked, read } = server(100)
  const own = new AbortController()
  const looked = searchLog(
    async (from, limit, signal) => {
      signal?.throwIfAborted()
      return read(from, limit)
    },
    'not there',
    { from: 0, backwards: false, total: TOTAL },
    (lines) => lines >= 1_000 && own.abort(),
    own.signal,
  )
  await assert.rejects(looked, { name: 'AbortError' })
  assert.ok(asked.length <= 12, `asked ${asked.length} times`)
})

test('searching finds every hit in both directions, however early answers end', async () => {
  const hits = new Set([3, 700, 4_990, 5_003, 9_999, 11_500])
  const { read } = server(100, (n) => (hits.has(n) ? `a \u001b[31mNeedle\u001b[0m ${n}` : 'hay'))
  const all = async (backwards: boolean): Promise<number[]> => {
    const found: number[] = []
    let from: number | null = backwards ? TOTAL + 1 : 0
    while (from !== null) {
      from = await searchLog(read, 'needle', { from, backwards, total: TOTAL }, () => {})
      if (from !== null) found.push(from)
    }
    return found
  }
  const there = [...hits]
  assert.deepEqual(await all(false), there)
  assert.deepEqual(await all(true), there.reverse())
})
