// A server that was away over many due instants says so in its book, and answers for each of them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { CarillonClient, Gap, Run } from '../../src/sdk/index.ts'
import { everyFrom } from '../support/due-by-hand.ts'
import { Folder } from '../support/folder.ts'
import { checkLedger } from '../support/ledger-check.ts'
import { ServerProcess } from '../support/server-process.ts'
import { SinkProcess } from '../support/sink-process.ts'
import { until } from '../support/until.ts'

const MODES = ['none', 'latest', 'all'] as const
const ANCHOR = Date.parse('2026-01-01T00:00:00Z')
const AWAY_MS = 5_200

type Book = { readonly runs: readonly Run[]; readonly gaps: readonly Gap[]; readonly through: number }

/** The book of a job from its creation to now, checked against what was due. */
async function bookOf(client: CarillonClient, name: string): Promise<Book> {
  const { pause: paused } = await client.jobs.pause(name)
  const { createdAt } = await client.jobs.get(name)
  const through = Date.parse(paused!.at)
  const to = new Date(through + 1).toISOString()
  const { runs, gaps, truncated } = await client.jobs.ledger(name, { from: createdAt, to, limit: 500 })
  assert.equal(truncated, false)
  const entries = {
    runs: runs.map((run) => ({ ...run, dueAt: Date.parse(run.dueAt) })),
    gaps: gaps.map((gap) => ({ ...gap, from: Date.parse(gap.from), to: Date.parse(gap.to) })),
  }
  assert.deepEqual(checkLedger(everyFrom(ANCHOR, 1_000, Date.parse(createdAt), through), entries), [], name)
  return { runs, gaps, through }
}

test('down over many due instants: none, latest and all; the gaps are recorded, and each instant is explained', async () => {
  using folder = new Folder()
  await using sink = await SinkProcess.start(folder.file('sink.jsonl'))
  const dataDir = folder.file('data')
  const before = await ServerProcess.start({ dataDir })
  for (const mode of MODES) {
    await before.client.jobs.create({
      name: mode,
      schedule: { every: '1s', anchor: '2026-01-01T00:00:00Z' },
      target: { http: { url: `${sink.url}/${mode}` } },
      policy: { catchUp: mode, overlap: 'queue' },
    })
  }
  await until('each has rung', 10_000, () =>
    MODES.every((mode) => sink.heard().some(({ path }) => path === `/${mode}`)),
  )
  await before.kill()
  const from = Date.now()
  // The downtime itself: this is what is tested, not a wait for something.
  await pause(AWAY_MS)

  await using server = await ServerProcess.start({ dataDir })
  const { client } = server
  const to = Date.now()
  const isThere = (mode: string): boolean =>
    sink.rung().some(({ path, dueAt }) => path === `/${mode}` && dueAt > to)
  await until('each rings on', 10_000, () => MODES.every(isThere))
  const books = new Map<string, Book>()
  for (const mode of MODES) books.set(mode, await bookOf(client, mode))
  await until('every run has ended', 10_000, async () => {
    return (await client.runs.list({ status: ['pending', 'running'] })).items.length === 0
  })
  const missedOf = (mode: string): number =>
    books.get(mode)!.gaps.reduce((sum, { count }) => sum + count, 0) +
    books.get(mode)!.runs.filter(({ status }) => status === 'missed').length
  const lateOf = (mode: string): number =>
    books.get(mode)!.runs.filter(({ late, attemptCount }) => late && attemptCount > 0).length
  const away = everyFrom(ANCHOR, 1_000, from, to).length
  assert.ok(away >= 5)

  assert.ok(missedOf('none') >= away - 1 && lateOf('none') === 0)
  assert.ok(
    books.get('none')!.gaps.some(({ reason, count }) => reason === 'catch_up_limit' && count >= away - 2),
  )
  assert.ok(missedOf('latest') >= away - 2 && lateOf('latest') <= 2)
  assert.ok(
    books.get('latest')!.gaps.every(({ reason, status }) => `${status} ${reason}` === 'missed superseded'),
  )
  assert.equal(missedOf('all'), 0)
  assert.ok(lateOf('all') >= away - 1)
  const all = sink.rung().filter(({ path }) => path === '/all')
  const due = all.map(({ dueAt }) => dueAt)
  assert.deepEqual(
    due,
    due.toSorted((a, b) => a - b),
    'caught up in order',
  )
  // The kill may have hit a run under way: that one rings once more, as its second attempt.
  assert.equal(new Set(all.map(({ dueAt, attempt }) => `${dueAt} ${attempt}`)).size, all.length, 'none twice')

  const inside = new Date(Math.ceil(from / 1_000) * 1_000 + 2_000).toISOString()
  const said = Object.fromEntries(
    await Promise.all(MODES.map(async (mode) => [mode, await client.jobs.why(mode, inside)] as const)),
  )
  assert.match(said.none!.answer, /one of \d+ due instants in a row that were missed/)
  assert.equal(said.none!.gap?.reason, 'catch_up_limit')
  assert.match(said.latest!.answer, /one of \d+ due instants in a row that were missed/)
  assert.equal(said.latest!.gap?.reason, 'superseded')
  assert.match(said.all!.answer, /^It ran and succeeded.* It is a catch-up run/)
  for (const mode of MODES) assert.equal(said[mode]!.due, true)
})
