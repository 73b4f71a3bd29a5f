// What the SQLite store costs: adding jobs, and ringing one-time jobs that are all due in one instant.
//   node bench/store.ts [--runs 20000] [--jobs 100000] [--batch 1000] [--dir <where the file goes>] [--callback]
// The decision is a fixed one, so that the figures are the store's alone. Each step's commit is on the disk.

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openSqliteStore } from '../src/adapters/sqlite/open.ts'
import { createSystemChance } from '../src/adapters/system/system-chance.ts'
import type { Job } from '../src/domain/job.ts'
import type { Plan } from '../src/domain/planned.ts'
import { DEFAULT_PROJECT_ID } from '../src/domain/project.ts'
import type { DueJob, Store, Work } from '../src/ports/store.ts'
import type { Scale } from './scale.ts'
import type { Sink } from './sink.ts'
import { type Line, line, number } from './table.ts'

const { values } = parseArgs({
  args: import.meta.main ? process.argv.slice(2) : [],
  options: {
    runs: { type: 'string', default: '20000' },
    jobs: { type: 'string', default: '100000' },
    batch: { type: 'string', default: '1000' },
    dir: { type: 'string', default: tmpdir() },
    callback: { type: 'boolean', default: false },
  },
})
const runs = Number(values.runs)
const jobs = Number(values.jobs)
const batch = Number(values.batch)
const chance = createSystemChance(() => T0)
const T0 = Date.UTC(2030, 0, 1)
const NODE = 'nod_bench'
const LEASE_MS = 3_600_000

class Figures {
  readonly #rows: Record<string, unknown>[] = []
  readonly perSecond = new Map<string, number>()

  async of(step: string, count: number, act: () => Promise<void>): Promise<void> {
    const cpu = process.cpuUsage()
    const start = performance.now()
    await act()
    const ms = performance.now() - start
    const { user, system } = process.cpuUsage(cpu)
    const each = (microseconds: number): number => Number((microseconds / count).toFixed(1))
    const perSecond = Math.round((count / ms) * 1_000)
    this.perSecond.set(step, perSecond)
    this.#rows.push({
      step,
      perSecond,
      'µs each': each(ms * 1_000),
      'of it CPU': each(user + system),
      'user CPU': each(user),
    })
  }

  print(title: string): void {
    console.log(`\n${title}`)
    console.table(this.#rows)
  }
}

/** The three steps of a burst as lines of the common table. */
export async function store(_sink: Sink, _scale: Scale): Promise<Line[]> {
  const folder = mkdtempSync(join(values.dir, 'carillon-bench-'))
  try {
    const { perSecond } = await burst(join(folder, 'burst.db'))
    return [...perSecond].map(([step, rate]) =>
      line(`store alone: ${step}, ${number(batch)} a commit`, '–', `${number(rate)}/s`, null),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.main) await main()

async function main(): Promise<void> {
  const folder = mkdtempSync(join(values.dir, 'carillon-bench-'))
  try {
    const figures = await burst(join(folder, 'burst.db'))
    figures.print(`${runs} one-time jobs due in one instant, ${batch} a commit`)
    await many(join(folder, 'many.db'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** All due at once: added, planned and leased, settled. */
async function burst(path: string): Promise<Figures> {
  await using store = openSqliteStore({ path, chance })
  await store.nodes.register({ id: NODE, hostname: 'bench', pid: 1, version: '0' }, T0, LEASE_MS)
  const figures = new Figures()
  await figures.of('add', runs, () => addJobs(store, runs, () => T0))

  const works: Work[] = []
  await figures.of('plan + lease', runs, async () => {
    while (works.length < runs) works.push(...(await store.runs.plan(due(T0), oneTime)).leased)
  })
  await figures.of('settle', runs, async () => {
    for (let at = 0; at < works.length; at += batch) {
      await store.runs.settle(works.slice(at, at + batch).map(succeeded), T0 + 50)
    }
  })
  const later = T0 + 31 * 86_400_000
  await figures.of('forget', runs, async () => {
    const retention = { defaultDays: 30 }
    while ((await store.housekeeping.forget({ now: later, limit: 2_000, retention })).more);
  })
  return figures
}

/** One instant's worth among many that are not due. */
async function many(path: string): Promise<void> {
  await using store = openSqliteStore({ path, chance })
  await store.nodes.register({ id: NODE, hostname: 'bench', pid: 1, version: '0' }, T0, LEASE_MS)
  const figures = new Figures()
  const retention = { defaultDays: 30 }
  await store.housekeeping.forget({ now: T0, limit: 2_000, retention })
  await figures.of(`add ${jobs} jobs`, jobs, () =>
    addJobs(store, jobs, (n) => T0 + (n % (jobs / 1_000)) * 60_000),
  )
  const bytes = statSync(path).size + statSync(`${path}-wal`).size
  await figures.of('plan + lease 1000 of them', 1_000, async () => {
    await store.runs.plan({ ...due(T0), limit: 1_000, slots: 1_000 }, oneTime)
  })
  await figures.of('nextDueAt', 1_000, () => repeat(1_000, () => store.runs.nextDueAt()))
  await figures.of('plan with nothing due', 1_000, () =>
    repeat(1_000, () => store.runs.plan(due(T0), oneTime)),
  )
  const list = (filter: Parameters<Store['jobs']['list']>[0]): Promise<void> =>
    repeat(10, () => store.jobs.list(filter, { limit: 50 }))
  await figures.of('list 50 jobs', 10, () => list({}))
  await figures.of('list, q in few names', 10, () => list({ q: `job-${jobs - 1}` }))
  await figures.of('list, a label nobody has', 10, () => list({ labels: { none: 'x' } }))
  await figures.of('list 50 runs', 10, () => repeat(10, () => store.runs.list({}, { limit: 50 })))
  await figures.of('stats', 10, () => repeat(10, () => store.housekeeping.stats()))
  await figures.of('forget, nothing due', 100, () =>
    repeat(100, () => store.housekeeping.forget({ now: T0, limit: 2_000, retention })),
  )
  figures.print(
    `${jobs} jobs, ${(bytes / 1_048_576).toFixed(1)} MiB, ${Math.round(bytes / jobs)} bytes a job`,
  )
}

async function repeat(times: number, step: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < times; n += 1) await step()
}

async function addJobs(store: Store, count: number, dueAt: (n: number) => number): Promise<void> {
  for (let at = 0; at < count; at += 1_000) {
    const some = Array.from({ length: Math.min(1_000, count - at) }, (_, n) => job(at + n, dueAt(at + n)))
    await store.jobs.add(some, 'bench')
  }
}

function job(n: number, dueAt: number): Job {
  return {
    id: chance.id('job'),
    projectId: DEFAULT_PROJECT_ID,
    version: 1,
    spec: {
      name: `job-${n}`,
      description: null,
      labels: {},
      schedule: { at: new Date(dueAt).toISOString() },
      target: { http: { url: `http://127.0.0.1:9000/hook/${n}`, method: 'POST', body: { n } } },
      policy: { timeout: '30s', retry: { max: 3 } },
      callback: values.callback ? { url: 'http://127.0.0.1:9000/told' } : null,
    },
    status: 'active',
    pause: null,
    plannedThrough: T0 - 1,
    nextDueAt: dueAt,
    runsPlanned: 0,
    createdAt: T0 - 1,
    updatedAt: T0 - 1,
  }
}

function due(now: number) {
  return { now, limit: batch, nodeId: NODE, slots: batch }
}

function oneTime({ job }: DueJob): Plan {
  const state = { status: 'pending', readyAt: T0, notBefore: T0, startBy: null } as const
  return {
    runs: [{ trigger: 'schedule', dueAt: job.nextDueAt!, late: false, state }],
    gaps: [],
    replaceOpen: false,
    plannedThrough: T0,
    nextDueAt: null,
    runsPlanned: 1,
    status: 'finished',
  }
}

function succeeded({ run }: Work) {
  const settlement = { kind: 'done', status: 'succeeded', message: 'answered 200' } as const
  const response = {
    status: 200,
    headers: { 'content-type': 'text/plain' },
    body: 'ok',
    bodyBytes: 2,
    truncated: false,
  }
  return { run, outcome: { kind: 'ok', response }, settlement, endedAt: T0 + 50 } as const
}
