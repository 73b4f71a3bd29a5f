// Moving a store up and down: what every part of the contract leaves behind is the same on the other side, and goes on.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openPostgresCopy } from '../../src/adapters/postgres/copy.ts'
import { openSqliteCopy } from '../../src/adapters/sqlite/copy.ts'
import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import { MoveRefused, moveStore } from '../../src/main/move-store.ts'
import type { Chance } from '../../src/ports/chance.ts'
import type { Store } from '../../src/ports/store.ts'
import type { StoreCopy } from '../../src/ports/store-copy.ts'
import {
  again,
  at,
  done,
  gap,
  MINUTE,
  not,
  owes,
  queued,
  seededChance,
  T0,
  World,
} from '../contracts/world.ts'
import { Folder } from '../support/folder.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { onStoryTime } from '../support/postgres-store.ts'
import { systemClock } from '../support/system-clock.ts'

const server = await PostgresServer.start()
after(() => server[Symbol.asyncDispose]())

const unwatched = { total: () => {}, moved: () => {} }

/** Of a process started later: none of its ids is there yet. */
function laterChance(): Chance {
  const chance = seededChance(2)
  for (let n = 0; n < 1_000; n += 1) chance.id('run')
  return chance
}

/** Something of everything: versions, attempts, gaps, callbacks told and dead, keys, marks, logs, a run under way. */
async function fill(store: Store): Promise<World> {
  const world = await World.around(store, seededChance())
  const callback = { url: 'http://127.0.0.1/told' }
  const project = await world.project('other', { days: 3 })
  const rules = { targets: { deny: ['10.0.0.0/8'] }, quotas: { runsPerMinute: 99 } }
  assert.ok(await store.projects.update({ ...project, ...rules, version: 2 }))
  const first = await world.job({ callback, labels: { a: 'b' }, description: 'zero \0 inside' })
  await world.job({ callback }, { projectId: project.id })
  const works = await world.ring()
  await world.settle(done(works[0]!), again(works[1]!, T0 + MINUTE))
  const [effect] = await store.outbox.due({ now: T0, limit: 9, holdMs: 9, nodeId: 'nod_a' })
  const delivery = {
    effectId: effect!.effect.id,
    number: 1,
    startedAt: T0,
    endedAt: T0,
    status: 500,
    ok: false,
    message: 'no',
  }
  await store.outbox.record([{ delivery, nextTryAt: null }])
  const manual = at(T0, {}, { trigger: 'manual', params: { day: 1 } })
  const edited = { ...first, version: 2, spec: { ...first.spec, description: 'two' }, nextDueAt: T0 + MINUTE }
  const plan = owes({
    runs: [queued(T0 + 2), not(T0 + 3, 'skipped', 'overlap')],
    gaps: [gap(T0 + 4, T0 + 9, 6)],
  })
  await store.jobs.change(first.id, () => ({ plan, job: edited, runs: [manual] }), { now: T0, by: 'me' })
  const once = { scope: 's', key: 'k', hash: 'h', result: { ids: ['a'] }, at: T0 }
  await store.jobs.add([world.draft()], 'me', once)
  const log = { runId: works[0]!.run.id, attempt: 1, part: 0, fence: 1 }
  await store.logs.seal(log, 0, { whole: true }, T0)
  await store.sequences.take('numbers', 41)
  await world.claim(1)
  return world
}

async function seen(store: Store): Promise<unknown> {
  const jobs = (await store.jobs.list({}, { limit: 99 })).items
  return {
    jobs,
    versions: await Promise.all(jobs.map((job) => store.jobs.versions(job.id))),
    ledgers: await Promise.all(jobs.map((job) => store.runs.ledger(job.id, 0, T0 * 2, 99))),
    attempts: await Promise.all(
      (await store.runs.list({}, { limit: 99 })).items.map((run) => store.runs.attempts(run.id)),
    ),
    effects: (await store.outbox.list({}, { limit: 99 })).items,
    projects: (await store.projects.list({ limit: 99 })).items,
    mark: await store.once.find('s', 'k'),
  }
}

async function isSame(before: unknown, store: Store): Promise<void> {
  assert.deepEqual(JSON.parse(JSON.stringify(await seen(store)).replaceAll('\\u0000', '\uFFFD')), before)
}

/** `sole`: as the server of an embedded store starts. */
async function goesOn(store: Store, sole: boolean): Promise<void> {
  assert.equal(await store.sequences.take('numbers', 1), 42)
  const now = T0 + 2 * MINUTE
  const nodeId = 'nod_next'
  await store.nodes.register({ id: nodeId, hostname: 'host', pid: 1, version: '1', sole }, now, MINUTE)
  const lost = await store.runs.lost(now, 99)
  assert.ok(lost.length > 0, 'what was under way is taken over')
  const lostRuns = lost.map(({ work }) => again(work, now, 'node_lost'))
  assert.equal((await store.runs.settle(lostRuns, now)).stale, 0)
  const planned = await store.runs.plan({ now, limit: 9, nodeId, slots: 9 }, () => owes({ runs: [at(now)] }))
  assert.deepEqual(planned.failures, [])
  assert.ok(planned.leased.length > 0)
  assert.ok((await store.runs.claimReady({ now, nodeId, slots: 9 })).works.length > 0)
}

async function move(source: StoreCopy, target: StoreCopy) {
  return moveStore(source, target, unwatched)
}

test('up: SQLite to PostgreSQL, and it goes on there', async () => {
  using folder = new Folder()
  const path = join(folder.path, 'carillon.db')
  const small = openSqliteStore({ path, chance: seededChance() })
  await fill(small)
  const before = JSON.parse(JSON.stringify(await seen(small)).replaceAll('\\u0000', '\uFFFD'))
  await small[Symbol.asyncDispose]()
  const url = await server.database()
  {
    await using source = openSqliteCopy(path, 'source')
    await using target = await openPostgresCopy(url, systemClock)
    const moved = await move(source, target)
    assert.ok(moved.some(({ table, rows }) => table === 'runs' && rows > 4))
    await assert.rejects(move(source, target), /is not empty/)
  }
  await using large = await onStoryTime(url, laterChance())
  await isSame(before, large)
  await goesOn(large, false)
})

test('down: PostgreSQL to SQLite, and it goes on there', async () => {
  using folder = new Folder()
  const url = await server.database()
  const large = await onStoryTime(url, seededChance())
  await fill(large)
  const before = JSON.parse(JSON.stringify(await seen(large)).replaceAll('\\u0000', '\uFFFD'))
  await large.nodes.leave('nod_a', T0 + 1)
  await large[Symbol.asyncDispose]()
  const path = join(folder.path, 'down', 'carillon.db')
  {
    await using source = await openPostgresCopy(url, systemClock)
    await using target = openSqliteCopy(path, 'target')
    await move(source, target)
  }
  await using small = openSqliteStore({ path, chance: laterChance() })
  await isSame(before, small)
  await goesOn(small, true)
})

test('a move that was cut off goes on; until it is done no server starts on its target', async () => {
  using folder = new Folder()
  const path = join(folder.path, 'carillon.db')
  const small = openSqliteStore({ path, chance: seededChance() })
  await fill(small)
  const before = JSON.parse(JSON.stringify(await seen(small)).replaceAll('\\u0000', '\uFFFD'))
  await small[Symbol.asyncDispose]()
  const url = await server.database()
  {
    await using source = openSqliteCopy(path, 'source')
    await using target = await openPostgresCopy(url, systemClock)
    let pieces = 0
    const cut: StoreCopy = new Proxy(target, {
      get(whole, name) {
        const method = Reflect.get(whole, name)
        if (name !== 'write') return typeof method === 'function' ? method.bind(whole) : method
        return (...values: Parameters<StoreCopy['write']>) => {
          pieces += 1
          if (pieces === 9) throw new Error('cut off')
          return whole.write(...values)
        }
      },
    })
    await assert.rejects(move(source, cut), /cut off/)
  }
  await assert.rejects(onStoryTime(url, seededChance(2)), /a move into this database is unfinished/)
  {
    await using source = openSqliteCopy(path, 'source')
    await using target = await openPostgresCopy(url, systemClock)
    await move(source, target)
  }
  await using large = await onStoryTime(url, seededChance(3))
  await isSame(before, large)
})

test('a source that is in use, or a row that is not the same, stops the move', async () => {
  using folder = new Folder()
  const url = await server.database()
  await using live = await onStoryTime(url, seededChance())
  const world = await World.around(live, seededChance())
  await world.job()
  await live.nodes.register({ id: 'nod_live', hostname: 'far', pid: 7, version: '1' }, Date.now(), 60_000)
  await using source = await openPostgresCopy(url, systemClock)
  await using target = openSqliteCopy(join(folder.path, 'a', 'carillon.db'), 'target')
  await assert.rejects(move(source, target), MoveRefused)
  await live.nodes.leave('nod_live', Date.now())
  await live.nodes.leave('nod_a', Date.now())
  const lossy: StoreCopy = new Proxy(target, {
    get(whole, name) {
      const method = Reflect.get(whole, name)
      if (name !== 'write') return typeof method === 'function' ? method.bind(whole) : method
      return (...[table, rows, mark]: Parameters<StoreCopy['write']>) =>
        whole.write(table, table.name === 'jobs' ? rows.slice(1) : rows, mark)
    },
  })
  await assert.rejects(move(source, lossy), /The jobs of .* are not those of/)
})
