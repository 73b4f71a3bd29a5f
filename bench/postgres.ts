// The store of a cluster: one node beside graphile-worker and pg-boss on the same PostgreSQL (each in a database of
// its own), its steps alone, and how late three nodes ring, also with a million jobs.
//   node bench/postgres.ts [--parts steps,peers,lateness,many] [--many 1000000]

import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openPostgresStore } from '../src/adapters/postgres/open.ts'
import { createSystemChance } from '../src/adapters/system/system-chance.ts'
import { systemClock } from '../src/adapters/system/system-clock.ts'
import type { Work } from '../src/ports/store.ts'
import { PostgresServer } from '../test/support/postgres-server.ts'
import { Carillon } from './carillon.ts'
import { Contender } from './contender.ts'
import type { Scale } from './scale.ts'
import type { Sink } from './sink.ts'
import { type Line, line, median, number, quantile } from './table.ts'

const { values } = parseArgs({
  args: import.meta.main ? process.argv.slice(2) : [],
  options: {
    many: { type: 'string', default: '1000000' },
    parts: { type: 'string', default: 'steps,peers,lateness,many' },
  },
})

const TO_PEERS = 1.3
const CLAIM_PER_SECOND = 20_000
const P50_MS = 50
const P99_MS = 250
const WIDTH = 128
/** Until then all jobs of a round have been created. */
const LEAD_MS = 15_000

/** As it is installed, on the disk: fsync, full pages, synchronous commits. */
const SETTINGS = { shared_buffers: '256MB', max_wal_size: '4GB' }

export async function postgres(sink: Sink, scale: Scale): Promise<Line[]> {
  await using server = await PostgresServer.start({ durable: true, settings: SETTINGS })
  const parts: Readonly<Record<string, () => Promise<Line[]>>> = {
    steps: async () => steps(await server.database(), scale),
    peers: () => besidePeers(server, sink, scale),
    lateness: async () => lateness(await server.database(), sink, scale, 0),
    many: () => manyJobs(server, sink, scale),
  }
  const lines: Line[] = []
  for (const name of values.parts.split(',')) {
    const part = parts[name]
    if (part === undefined) throw new Error(`there is no part ${name}, only ${Object.keys(parts)}`)
    lines.push(...(await part()))
  }
  return lines
}

/** Claimed: leased, with the attempt written, in batches of 1000. */
async function steps(url: string, scale: Scale): Promise<Line[]> {
  const count = scale.quick ? 10_000 : 50_000
  const chance = createSystemChance(Date.now)
  await using store = await openPostgresStore({ url, chance, clock: systemClock })
  const { now } = await store.nodes.register(
    { id: 'nod_bench', hostname: 'bench', pid: 1, version: '0' },
    Date.now(),
    3_600_000,
  )
  const job = (n: number) => ({
    ...{ id: chance.id('job'), projectId: 'prj_default', version: 1, status: 'active' as const, pause: null },
    spec: {
      ...{
        name: `job-${n}`,
        description: null,
        labels: {},
        schedule: { every: '1h' },
        policy: {},
        callback: null,
      },
      target: { http: { url: 'http://127.0.0.1/' } },
    },
    ...{ plannedThrough: now - 1, nextDueAt: now, runsPlanned: 0, createdAt: now, updatedAt: now },
  })
  for (let from = 0; from < count; from += 1_000)
    await store.jobs.add(
      Array.from({ length: 1_000 }, (_, n) => job(from + n)),
      'bench',
    )
  const request = { now, limit: 1_000, nodeId: 'nod_bench' }
  const plan = (at: number) => () => ({
    runs: [
      {
        ...{ trigger: 'schedule' as const, dueAt: at, late: false },
        state: { status: 'pending' as const, readyAt: at, notBefore: at, startBy: null },
      },
    ],
    ...{ gaps: [], replaceOpen: false, plannedThrough: at, runsPlanned: 1, status: 'active' as const },
    nextDueAt: at + 3_600_000,
  })
  const rate = async (act: () => Promise<unknown>): Promise<number> => {
    const began = performance.now()
    await act()
    return (count / (performance.now() - began)) * 1_000
  }
  const planned = await rate(async () => {
    while ((await store.runs.plan({ ...request, slots: 0 }, plan(now))).jobs > 0);
  })
  const works: Work[] = []
  const claimed = await rate(async () => {
    while (works.length < count)
      works.push(...(await store.runs.claimReady({ now, nodeId: 'nod_bench', slots: 1_000 })).works)
  })
  const settled = await rate(async () => {
    const settlement = { kind: 'done', status: 'succeeded', message: 'answered 200' } as const
    for (let from = 0; from < count; from += 1_000) {
      const some = works.slice(from, from + 1_000)
      await store.runs.settle(
        some.map(({ run }) => ({ run, outcome: { kind: 'ok' }, settlement, endedAt: now })),
        now,
      )
    }
  })
  const figure = (what: string, perSecond: number) =>
    line(`PostgreSQL: ${what}`, '–', `${number(perSecond)}/s`, null)
  return [
    figure('due jobs planned, their runs written', planned),
    line(
      'PostgreSQL: claim step, 1,000 a commit',
      `≥ ${number(CLAIM_PER_SECOND)}/s`,
      `${number(claimed)}/s`,
      claimed >= CLAIM_PER_SECOND,
    ),
    figure('attempts settled', settled),
  ]
}

async function besidePeers(server: PostgresServer, sink: Sink, scale: Scale): Promise<Line[]> {
  const count = scale.quick ? 5_000 : 20_000
  const rounds = scale.quick ? 1 : 3
  await using carillon = await Carillon.start({
    args: ['--store', await server.database(), ...scale.serverArgs],
    nodeArgs: scale.nodeArgs,
  })
  await using graphile = new Contender('./peers/graphile-worker.ts', [await server.database()])
  await using boss = new Contender('./peers/pg-boss.ts', [await server.database()])
  const load = { url: `${sink.url}/ring`, count, width: WIDTH, reads: true }
  const ms = { ours: [] as number[], graphile: [] as number[], boss: [] as number[] }
  let total = 0
  for (let round = -1; round < rounds; round += 1) {
    const ours = await ring(carillon, sink, count, round, total)
    total += count
    const graphiles = await seen(sink, count, () => graphile.run(load))
    const bosses = await seen(sink, count, () => boss.run(load))
    // The first round warms everyone up.
    if (round < 0) continue
    ms.ours.push(ours)
    ms.graphile.push(graphiles)
    ms.boss.push(bosses)
  }
  const rate = (times: number[]): string => `${number((count / median(times)) * 1_000)}/s`
  const beside = (name: string, times: number[]): Line => {
    const share = median(times.map((time, round) => time / ms.ours[round]!))
    return line(
      `… beside ${name}`,
      `≥ ${TO_PEERS} ×`,
      `${share.toFixed(1)} × ${rate(times)}`,
      share >= TO_PEERS,
    )
  }
  return [
    line(
      `PostgreSQL, one node: ${number(count)} POSTs due at once, fired and recorded`,
      '–',
      rate(ms.ours),
      null,
    ),
    beside(`graphile-worker (concurrency ${WIDTH})`, ms.graphile),
    beside(`pg-boss (${WIDTH} at once, completed in batches of 32)`, ms.boss),
  ]
}

async function ring(
  carillon: Carillon,
  sink: Sink,
  count: number,
  round: number,
  before: number,
): Promise<number> {
  const dueAt = Math.ceil((Date.now() + LEAD_MS) / 1_000) * 1_000
  const http = { url: `${sink.url}/ring`, method: 'POST', body: { hello: 'world' } }
  await carillon.create(count, (n) => ({
    name: `bench-${round}-${n}`,
    schedule: { at: new Date(dueAt).toISOString() },
    target: { http },
  }))
  if (Date.now() >= dueAt) throw new Error('the jobs were due before all of them were created')
  return seen(sink, count, async () => {
    await wait(dueAt - Date.now())
    const began = performance.now()
    await sink.expect(count)
    await carillon.untilSucceeded(before + count)
    return performance.now() - began
  })
}

async function seen(sink: Sink, count: number, act: () => Promise<number>): Promise<number> {
  await sink.reset()
  const ms = await act()
  const { runs, distinct } = await sink.tally()
  if (runs !== count || distinct !== count)
    throw new Error(`the sink saw ${runs} requests of ${distinct} runs instead of ${count}`)
  return ms
}

/** 100 runs a second, three nodes; whoever is first takes what is due. */
async function lateness(url: string, sink: Sink, scale: Scale, many: number): Promise<Line[]> {
  const seconds = scale.quick ? 5 : 20
  const args = ['--store', url, ...scale.serverArgs]
  await using first = await Carillon.start({ args })
  await using _second = await Carillon.start({ args })
  await using _third = await Carillon.start({ args })
  const count = (seconds + 3) * 100
  const begin = Math.ceil((Date.now() + LEAD_MS) / 1_000) * 1_000
  const http = { url: `${sink.url}/ring`, method: 'POST', body: { hello: 'world' } }
  await sink.reset()
  await first.create(count, (n) => ({
    name: `spread-${n}`,
    schedule: { at: new Date(begin + n * 10).toISOString() },
    target: { http },
  }))
  await sink.expect(count)
  const { lateMs, distinct } = await sink.tally()
  if (distinct !== count) throw new Error(`the sink saw ${distinct} runs instead of ${count}`)
  const counted = lateMs.slice(300)
  const p50 = quantile(counted, 0.5)
  const p99 = quantile(counted, 0.99)
  const beside = many === 0 ? '' : ` beside ${number(many)} other jobs`
  const what = `PostgreSQL, three nodes, 100 runs/s${beside}: arrival − due instant`
  return [
    line(`${what}, p50`, `≤ ${P50_MS} ms`, `${p50} ms`, p50 <= P50_MS),
    line(`${what}, p99`, `≤ ${P99_MS} ms`, `${p99} ms (most: ${Math.max(...counted)} ms)`, p99 <= P99_MS),
  ]
}

async function manyJobs(server: PostgresServer, sink: Sink, scale: Scale): Promise<Line[]> {
  const many = scale.quick ? 100_000 : Number(values.many)
  const url = await server.database()
  const chance = createSystemChance(Date.now)
  await (await openPostgresStore({ url, chance, clock: systemClock }))[Symbol.asyncDispose]()
  const far = Date.now() + 30 * 86_400_000
  const database = new URL(url).pathname.slice(1)
  const spec = JSON.stringify({
    ...{ name: 'x', description: null, labels: {}, schedule: { every: '1h' }, policy: {}, callback: null },
    target: { http: { url: 'http://127.0.0.1/' } },
  })
  await server.query(
    `INSERT INTO jobs (id, project_no, name, version, status, planned_through, next_due_at, runs_planned, created_at,
       updated_at, sweep_at)
     SELECT 'job_' || n, 1, 'other-' || n, 1, 'active', ${far} - 1, ${far} + n, 0, 0, 0, ${far} FROM generate_series(1, ${many}) n;
     INSERT INTO job_versions SELECT no, 1, '${spec}', 0, 'bench' FROM jobs`,
    database,
  )
  return lateness(url, sink, scale, many)
}

if (import.meta.main) {
  const { Sink } = await import('./sink.ts')
  const { printTable } = await import('./table.ts')
  await using sink = await Sink.start()
  const scale = { quick: process.env['QUICK'] === '1', serverArgs: [], nodeArgs: [] }
  printTable(await postgres(sink, scale))
}
