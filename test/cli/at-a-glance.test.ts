// What is said about many jobs at once, and done with them, against a real server.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BulkLine, Calendar, Overview, RecentRuns } from '../../src/sdk/index.ts'
import { type House, openHouse, PING } from '../rest/house.ts'
import { listen } from '../rest/raw-socket.ts'
import { startStubServer } from '../sdk/stub-server.ts'
import { carillon, type Result, type Surroundings } from './cli.ts'

type Line = (words: string, around?: Surroundings) => Promise<Result>

async function open(): Promise<{ house: House; line: Line } & AsyncDisposable> {
  const house = await openHouse()
  const url = `http://127.0.0.1:${await listen(house)}`
  const line: Line = (words, around = {}) =>
    carillon(words.split(' '), { ...around, env: { CARILLON_URL: url, CARILLON_API_KEY: house.admin } })
  return { house, line, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() }
}

async function make(house: House, name: string, more: object = {}): Promise<string> {
  const made = await house.ask<{ id: string }>('POST', '/v1/jobs', { body: { ...PING, name, ...more } })
  assert.equal(made.status, 201, made.text)
  return made.body.id
}

async function statuses(house: House): Promise<Record<string, string>> {
  const { body } = await house.ask<{ items: { name: string; status: string }[] }>('GET', '/v1/jobs?limit=100')
  return Object.fromEntries(body.items.map(({ name, status }) => [name, status]))
}

test('bulk does it to all that the filter finds, and to no other', async () => {
  await using cli = await open()
  const { house, line } = cli
  for (const name of ['a-1', 'a-2', 'a-3']) await make(house, name, { labels: { team: 'a' } })
  await make(house, 'b-1')
  const counted = await line('job bulk pause --label team=a --dry-run')
  assert.deepEqual([counted.code, counted.out], [0, 'It is about 3 jobs. Nothing was done.\n'])
  assert.equal((await statuses(house))['a-1'], 'active')
  const paused = await line('job bulk pause -l team=a --note why -y -o json')
  assert.equal(paused.code, 0, paused.err)
  const told = JSON.parse(paused.out) as { total: number; done: number; failed: number; items: BulkLine[] }
  assert.deepEqual([told.total, told.done, told.failed, told.items.length], [3, 3, 0, 3])
  assert.deepEqual(await statuses(house), {
    'a-1': 'paused',
    'a-2': 'paused',
    'a-3': 'paused',
    'b-1': 'active',
  })
  const job = await house.ask<{ pause: { note: string } }>('GET', '/v1/jobs/a-1')
  assert.equal(job.body.pause.note, 'why')
  const resumed = await line('job bulk resume --status paused -y')
  assert.deepEqual([resumed.code, resumed.out], [0, 'Resume: done for 3 of 3 jobs\n'])
  const none = await line('job bulk delete --search nothing -y')
  assert.deepEqual([none.code, none.out, none.err], [0, '', 'No job is like that.\n'])
  assert.equal((await line('job bulk delete --every -y')).code, 0)
  assert.deepEqual(await statuses(house), {})
})

test('bulk names what was refused, and triggers nothing twice under one key', async () => {
  await using cli = await open()
  const { house, line } = cli
  await make(house, 'one')
  await make(house, 'two')
  await house.ask('POST', '/v1/jobs/two/pause')
  const first = await line('job bulk trigger --every --idempotency-key again -y')
  assert.equal(first.code, 1)
  assert.match(first.err, /1 of 2 jobs refused[\s\S]*job two/)
  await line('job bulk trigger --every --idempotency-key again -y')
  assert.equal((await house.ask<{ items: [] }>('GET', '/v1/runs')).body.items.length, 1)
})

test('bulk does nothing without a filter, without an answer, or with what belongs to another action', async () => {
  await using cli = await open()
  const { house, line } = cli
  await make(house, 'one')
  for (const [words, why] of [
    ['job bulk delete -y', /which jobs/],
    ['job bulk delete --every --search x -y', /not both/],
    ['job bulk delete --every', /Delete 1 job\? Nobody can be asked/],
    ['job bulk resume --every --note x -y', /--note goes with "pause"/],
    ['job bulk pause --every --force -y', /--force goes with "trigger"/],
    ['job bulk explode --every -y', /Allowed choices are pause, resume, trigger, delete/],
  ] as const) {
    const { code, err } = await line(words)
    assert.equal(code, 2, words)
    assert.match(err, why)
  }
  assert.deepEqual(await statuses(house), { one: 'active' })
})

test('bulk that was cut off says how far it came and how to go on', async () => {
  const lines = ['{"total":2}', '{"jobId":"job_1","name":"one","ok":true,"runId":"run_1"}']
  await using server = await startStubServer(({ body }) => ({
    headers: { 'content-type': 'application/x-ndjson' },
    text: `${(JSON.stringify(body).includes('dryRun') ? lines.slice(0, 1) : lines).join('\n')}\n`,
  }))
  const { code, err, out } = await carillon(['job', 'bulk', 'trigger', '--every', '-y'], {
    env: { CARILLON_URL: server.url },
  })
  assert.deepEqual([code, out], [1, ''])
  assert.match(
    err,
    /cut off after 1 of 2 jobs[\s\S]*--idempotency-key [0-9a-f-]{36}: nothing is triggered twice/,
  )
})

test('overview, recent runs and the calendar show what the server counts', async () => {
  await using cli = await open()
  const { house, line } = cli
  const id = await make(house, 'rung', { policy: { overlap: 'allow' } })
  await make(house, 'quiet', { schedule: {} })
  await house.ask('POST', `/v1/jobs/${id}/trigger`)
  await house.ask('POST', `/v1/jobs/${id}/trigger`)
  const { body } = await house.ask<{ items: { id: string }[] }>('GET', '/v1/runs')
  await house.ask('POST', `/v1/runs/${body.items[0]!.id}/cancel`)

  const recent = await line('run recent rung quiet')
  assert.equal(recent.code, 0, recent.err)
  const [head = '', rung = '', quiet = ''] = recent.out.split('\n')
  assert.match(head, /^JOB +LAST +DUE +RUNS/)
  assert.match(rung, /^rung +(?:cancelled|pending) .* (?:~\.|\.~)$/)
  assert.match(quiet, /^quiet +never +-$/)
  const all = await line('run recent -n 1 -o json')
  const { items } = JSON.parse(all.out) as RecentRuns
  assert.deepEqual(
    items.map(({ runs }) => runs.length),
    [0, 1],
  )
  assert.equal((await line('run recent nothing')).code, 3)

  const calendar = await line('job calendar rung --days 7 --timezone Asia/Tokyo')
  assert.equal(calendar.code, 0, calendar.err)
  assert.match(calendar.out, /^DAY +RUNS\n2027-01-01 +1 pending, 1 cancelled\n$/)
  assert.match(calendar.err, /Days of Asia\/Tokyo/)
  const days = JSON.parse((await line('job calendar quiet -o json')).out) as Calendar
  assert.deepEqual(days.days, [])

  const overview = await line('overview')
  assert.equal(overview.code, 0, overview.err)
  assert.match(overview.out, /^At +2027-01-01/)
  assert.match(overview.out, /\nJobs +2 active, 0 paused, 0 finished\n/)
  assert.match(overview.out, /\nStarts +none in the last hour\n/)
  assert.match(overview.out, /\nCallbacks +no dead letters\n/)
  const inProject = await line('overview -p default -o json')
  assert.equal(inProject.code, 0, inProject.err)
  const figures = JSON.parse(inProject.out) as Overview
  assert.equal(figures.at, new Date(house.clock.now()).toISOString())
})

test('settings are those of the server, and the audit is found by what it was done to', async () => {
  await using cli = await open()
  const { house, line } = cli
  const settings = await line('settings -o json')
  assert.deepEqual([settings.code, JSON.parse(settings.out)], [0, { file: null, settings: [], warnings: [] }])
  const id = await make(house, 'looked-at')
  await make(house, 'another')
  const found = await line(`audit list --subject ${id} --from 2020-01-01T00:00:00Z -o json`)
  assert.equal(found.code, 0, found.err)
  const { items } = JSON.parse(found.out) as { items: { action: string; subject: string }[] }
  assert.deepEqual(
    items.map(({ action, subject }) => [action, subject]),
    [['job.create', id]],
  )
  const empty = await line('audit list --from 2027-01-02T00:00:00Z --to 2027-01-01T00:00:00Z')
  assert.notEqual(empty.code, 0)
})
