// What the page asks for, with 100,000 jobs, a ledger of 1,000,000 runs and an audit of 1,000,000 entries: how soon each view
// has its data, and whether scrolling any of them ever makes it stumble.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { chromium, type Page } from 'playwright-core'
import { ADMIN_KEY, Carillon } from './carillon.ts'
import type { Scale } from './scale.ts'
import type { Sink } from './sink.ts'
import { type Line, line, number } from './table.ts'

const DATA_P95_MS = 150
const LONG_TASK_MS = 100
const ROUNDS = 40
const RUNS_PER_JOB = 10
const CALLBACKS = 100_000
const LOG_LINES = 1_000_000
const CHROMIUM = '/usr/bin/chromium'

export async function page(_sink: Sink, scale: Scale): Promise<Line[]> {
  const jobs = scale.quick ? 10_000 : 100_000
  const dataDir = mkdtempSync(join(tmpdir(), 'carillon-bench-'))
  const options = { args: scale.serverArgs, nodeArgs: scale.nodeArgs, dataDir }
  try {
    {
      await using carillon = await Carillon.start(options)
      await carillon.create(jobs, (n) => ({
        name: `tenant-${String(n % 1_000).padStart(3, '0')}-job-${n}`,
        schedule: { cron: `${n % 60} ${Math.floor(n / 60) % 24} * * ${n % 7}`, timezone: 'Europe/Berlin' },
        target: { http: { url: 'http://127.0.0.1:9/' } },
        policy: { retry: { max: 0 } },
      }))
    }
    const busiest = fillLedger(dataDir)
    await using carillon = await Carillon.start({ ...options, args: [...options.args, '--agent-slots', '2'] })
    const logged = await runWithLog(carillon)
    const what = `${number(jobs)} jobs, ${number(jobs * RUNS_PER_JOB)} runs`
    const lines: Line[] = []
    for (const [view, paths] of Object.entries(await viewsOf(carillon, busiest, logged))) {
      const p95 = await dataOf(carillon, paths)
      lines.push(
        line(
          `the page, ${what}: ${view}`,
          `p95 ≤ ${DATA_P95_MS} ms`,
          `${p95.toFixed(1)} ms`,
          p95 <= DATA_P95_MS,
        ),
      )
    }
    if (existsSync(CHROMIUM)) {
      const longest = await longestTask(carillon, busiest, logged)
      const told = longest === 0 ? 'none over 50 ms' : `${longest.toFixed(0)} ms`
      lines.push(
        line('the page: longest task while scrolling', `≤ ${LONG_TASK_MS} ms`, told, longest <= LONG_TASK_MS),
      )
    }
    return lines
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Ended runs of the last day, spread over all jobs; one job has a hundred a day for a month. Returns its id. */
function fillLedger(dataDir: string): string {
  using db = new DatabaseSync(join(dataDir, 'carillon.db'))
  const insert = `INSERT INTO runs (no, id, job_no, project_no, job_name, version, trigger, due_at, off_schedule, late, status,
      fence, attempts, cause, created_at, started_at, finished_at, message, has_callback)
    SELECT %no%, printf('run_%026d', %no%), j.no, j.project_no, j.name, 1, 'schedule', %due%, 0, 0,
      CASE WHEN (j.no + n.value) % 50 = 0 THEN 'failed' ELSE 'succeeded' END, 1, 1, 'first', %due%, %due% + 3, %due% + 40,
      'answered 200', 0
    FROM jobs j, n WHERE %which%`
  const numbers = (count: number): string =>
    `WITH RECURSIVE n (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value < ${count - 1})`
  const now = Date.now()
  const fill = (count: number, no: string, due: string, which: string): void =>
    db.exec(
      `${numbers(count)} ${insert.replaceAll('%no%', no).replaceAll('%due%', due).replace('%which%', which)}`,
    )
  const step = Math.floor(86_000_000 / RUNS_PER_JOB)
  fill(
    RUNS_PER_JOB,
    `j.no * ${RUNS_PER_JOB} + n.value + 1`,
    `${now} - 60000 - n.value * ${step} - (j.no * 7919) % ${step}`,
    '1',
  )
  fill(3_000, '1000000000 + n.value', `${now} - 90000000 - n.value * 864000`, 'j.no = 1')
  fillBeside(db, now)
  return String(Object.values(db.prepare('SELECT id FROM jobs WHERE no = 1').get() ?? {})[0])
}

/** An entry of the audit for each run, and callbacks, every hundredth of them dead. */
function fillBeside(db: DatabaseSync, now: number): void {
  db.exec(`INSERT INTO audit (id, at, actor_id, actor_name, action, project_id, subject, detail, link, hash)
    SELECT printf('aud_%026d', r.no), r.due_at, printf('key_%026d', r.no % 7), 'deploy',
      CASE WHEN r.no % 1000 = 0 THEN 'key.create' WHEN r.no % 3 = 0 THEN 'job.update' ELSE 'job.trigger' END,
      'prj_default', j.id, '{"name":"tenant"}', (SELECT coalesce(max(link), 0) FROM audit) + row_number() OVER (ORDER BY r.no),
      printf('%064d', r.no)
    FROM runs r JOIN jobs j ON j.no = r.job_no`)
  db.exec(`INSERT INTO effects (no, id, run_no, job_no, project_no, callback, status, tries, created_at, ended_at)
    SELECT no, printf('cbk_%026d', no), no, job_no, project_no, '{"url":"https://ops.example.com/told"}',
      CASE WHEN no % 100 = 0 THEN 'dead' ELSE 'delivered' END, 1, due_at, ${now}
    FROM runs ORDER BY no LIMIT ${CALLBACKS}`)
}

/** A run on the agent of this machine that has written a long log; its id. */
async function runWithLog(carillon: Carillon): Promise<string> {
  await carillon.post('/v1/jobs', {
    name: 'wordy',
    schedule: {},
    target: { command: { shell: `seq -f 'line %.0f of a log that is looked at' ${LOG_LINES}` } },
  })
  await carillon.post('/v1/jobs/wordy/trigger', {})
  for (;;) {
    const { items } = JSON.parse(await carillon.get('/v1/runs?job=wordy&limit=1')) as {
      items: { id: string; status: string }[]
    }
    if (items[0]?.status === 'succeeded') return items[0].id
    if (items[0]?.status === 'failed') throw new Error('the run that was to write a log failed')
    await wait(200)
  }
}

async function viewsOf(carillon: Carillon, job: string, logged: string): Promise<Record<string, string[]>> {
  type Items = { items: { id: string }[]; nextCursor: string }
  const first = JSON.parse(await carillon.get('/v1/jobs?limit=50')) as Items
  const recent = `/v1/recent-runs?limit=16&${first.items.map(({ id }) => `job=${id}`).join('&')}`
  const run = (JSON.parse(await carillon.get('/v1/runs?limit=1')) as Items).items[0]!.id
  const hour = (n: number): string => new Date(Date.now() + n * 3_600_000).toISOString()
  return {
    overview: ['/v1/overview', `/v1/runs?status=failed,missed,unknown&limit=8&from=${hour(-24)}`],
    jobs: ['/v1/jobs?limit=50', recent],
    'jobs, next page': [`/v1/jobs?limit=50&cursor=${encodeURIComponent(first.nextCursor)}`],
    'jobs, searched': ['/v1/jobs?limit=50&q=tenant-777'],
    'jobs due in an hour': [`/v1/jobs?limit=50&dueFrom=${hour(1)}&dueTo=${hour(2)}`],
    'a job': [`/v1/jobs/${job}`, `/v1/recent-runs?limit=60&job=${job}`, `/v1/jobs/${job}/calendar`],
    'its ledger': [`/v1/jobs/${job}/ledger?limit=300`, `/v1/jobs/${job}/why`],
    runs: ['/v1/runs?limit=50'],
    'runs that failed': ['/v1/runs?limit=50&status=failed'],
    'a run': [`/v1/runs/${run}`],
    'a run with a log': [
      `/v1/runs/${logged}`,
      `/v1/runs/${logged}/logs`,
      `/v1/runs/${logged}/log?attempt=1&part=0&from=${LOG_LINES / 2}&limit=500`,
    ],
    'versions of a job': [`/v1/jobs/${job}/versions`],
    audit: ['/v1/audit?limit=50', '/v1/projects?limit=200'],
    'audit of one job': [`/v1/audit?limit=50&subject=${job}`],
    'audit of a rare action': ['/v1/audit?limit=50&action=key.create'],
    'audit of a key in an hour': [
      `/v1/audit?limit=50&actor=key_${'3'.padStart(26, '0')}&from=${hour(-2)}&to=${hour(-1)}`,
    ],
    callbacks: ['/v1/callbacks?limit=50'],
    'callbacks, dead letters': ['/v1/callbacks?limit=50&status=dead'],
    'agents and nodes': ['/v1/agents?limit=500', '/v1/nodes'],
    'secrets, scripts, keys': ['/v1/secrets?limit=50', '/v1/scripts?limit=50', '/v1/keys?limit=50'],
    projects: ['/v1/projects?limit=50'],
    settings: ['/v1/settings', '/version', '/readyz'],
  }
}

/** All of a view's questions at once, as the page asks them; after the first count has ended. */
async function dataOf(carillon: Carillon, paths: readonly string[]): Promise<number> {
  for (const path of paths) await carillon.get(path)
  while (paths[0] === '/v1/overview') {
    const { past, ahead } = JSON.parse(await carillon.get('/v1/overview'))
    if (past.countedAt !== null && ahead.countedAt !== null) break
  }
  const took: number[] = []
  for (let n = 0; n < ROUNDS; n += 1) {
    const began = performance.now()
    await Promise.all(paths.map((path) => carillon.get(path)))
    took.push(performance.now() - began)
  }
  return took.sort((a, b) => a - b)[Math.ceil(ROUNDS * 0.95) - 1]!
}

async function longestTask(carillon: Carillon, job: string, logged: string): Promise<number> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  try {
    const window = await browser.newPage({ viewport: { width: 1_280, height: 800 } })
    await window.goto(`${carillon.url}/sign-in`)
    await window.getByLabel('API key').fill(ADMIN_KEY)
    await window.getByRole('button', { name: 'Sign in' }).click()
    await window.locator('.shell').waitFor()
    let longest = 0
    const paths = [
      ...['/jobs', '/runs', '/', '/audit', '/callbacks', '/agents', '/keys', '/settings'],
      ...[`/jobs/${job}`, `/jobs/${job}/ledger`, `/runs/${logged}`],
    ]
    for (const path of paths) {
      await window.goto(carillon.url + path)
      await window.locator('main .panel').first().waitFor()
      // What is measured is scrolling, not the load before it.
      await window.waitForTimeout(2_000)
      const took = await scrolled(window)
      if (took > LONG_TASK_MS) console.error(`… a task of ${took} ms while scrolling ${path}`)
      longest = Math.max(longest, took)
    }
    return longest
  } finally {
    await browser.close()
  }
}

async function scrolled(window: Page): Promise<number> {
  await window.evaluate(`window.longest = 0
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration)
    }).observe({ type: 'longtask' })`)
  // What scrolls by itself is scrolled: a log fills most of its view.
  const log = window.locator('.log-lines')
  if ((await log.count()) > 0) {
    await log.first().scrollIntoViewIfNeeded()
    await log.first().hover()
  } else await window.mouse.move(640, 400)
  for (let n = 0; n < 60; n += 1) await window.mouse.wheel(0, n < 30 ? 250 : -250)
  return Number(await window.evaluate('window.longest'))
}
