// Jobs, end to end through the door: what is written, what is read back, who was faster.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job, JobPage, JobVersions, JobWithWarnings } from '../../src/protocol/job.ts'
import type { JobBatchReport } from '../../src/protocol/job-batch.ts'
import { assertProblem, openHouse, PING, START } from './house.ts'

test('a job is created, with its address and version', async () => {
  await using house = await openHouse()
  const made = await house.ask<JobWithWarnings>('POST', '/v1/jobs', {
    body: { ...PING, description: 'Says hello.', labels: { team: 'x' }, schedule: { cron: '0 3 1 * MON' } },
  })
  assert.equal(made.status, 201)
  assert.equal(made.headers.location, `/v1/jobs/${made.body.id}`)
  assert.equal(made.headers.etag, '"1"')
  assert.match(made.body.id, /^job_/)
  assert.equal(made.body.status, 'active')
  assert.equal(made.body.nextDueAt, '2027-01-01T03:00:00.000Z')
  assert.equal(made.body.createdAt, new Date(START).toISOString())
  assert.ok(made.body.warnings.length > 0, 'day of month and day of week both restricted')

  for (const ref of [made.body.id, 'ping']) {
    const read = await house.ask<Job>('GET', `/v1/jobs/${ref}`)
    const { warnings: _, ...job } = made.body
    assert.deepEqual(read.body, job)
    assert.equal(read.headers.etag, '"1"')
  }
})

test('a name with blanks, percent signs and letters of the world is found by its address', async () => {
  await using house = await openHouse()
  for (const name of ['close the day', '100% ñandú', '日次締め', 'a?b#c', 'x'.repeat(200)]) {
    await house.ask('POST', '/v1/jobs', { body: { ...PING, name } })
    assert.equal((await house.ask<Job>('GET', `/v1/jobs/${encodeURIComponent(name)}`)).body.name, name)
  }
})

test('If-Match: the version that was read is changed, any other is not', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/jobs', { body: PING })
  const put = (version: string, description: string) =>
    house.ask<JobWithWarnings>('PUT', '/v1/jobs/ping', {
      body: { ...PING, description },
      headers: { 'if-match': version },
    })
  const first = await put('"1"', 'first')
  assert.deepEqual([first.status, first.headers.etag, first.body.version], [200, '"2"', 2])
  const stale = await put('"1"', 'second')
  const problem = assertProblem(stale as never, 412, 'version_conflict')
  assert.equal(problem.currentVersion, 2)
  assert.equal(stale.headers.etag, '"2"')
  assert.equal((await put('W/"2"', 'weakened by a proxy')).status, 200)
  assert.equal((await put('*', 'whatever it is')).status, 200)
  assertProblem(
    await house.ask('DELETE', '/v1/jobs/ping', { headers: { 'if-match': '"1"' } }),
    412,
    'version_conflict',
  )
  assert.equal((await house.ask('DELETE', '/v1/jobs/ping', { headers: { 'if-match': '"4"' } })).status, 204)
  assertProblem(await house.ask('GET', '/v1/jobs/ping'), 404, 'not_found')
})

test('a merge patch changes what it names and removes what it nulls', async () => {
  await using house = await openHouse()
  const body = { ...PING, description: 'old', labels: { a: '1', b: '2' }, policy: { timeout: '5s' } }
  await house.ask('POST', '/v1/jobs', { body })
  const patched = await house.ask<JobWithWarnings>('PATCH', '/v1/jobs/ping', {
    body: {
      description: null,
      labels: { a: null, c: '3' },
      schedule: { every: null, cron: '0 3 * * *' },
      policy: null,
    },
    headers: { 'content-type': 'application/merge-patch+json' },
  })
  assert.equal(patched.status, 200, patched.text)
  assert.equal(patched.body.description, null)
  assert.deepEqual(patched.body.labels, { b: '2', c: '3' })
  assert.deepEqual(patched.body.schedule, { cron: '0 3 * * *' })
  assert.deepEqual(patched.body.policy, {})
  assert.deepEqual(patched.body.target, PING.target)
  const { body: versions } = await house.ask<JobVersions>('GET', '/v1/jobs/ping/versions')
  assert.deepEqual(versions.items.map(({ version, description }) => [version, description]).sort(), [
    [1, 'old'],
    [2, null],
  ])
})

test('a change between the reading and the writing of a patch is not undone', async () => {
  let meanwhile: (() => Promise<unknown>) | null = null
  await using house = await openHouse({
    store: (store) => ({
      ...store,
      jobs: new Proxy(store.jobs, {
        get(jobs, name) {
          const method: unknown = Reflect.get(jobs, name)
          if (name !== 'change') return typeof method === 'function' ? method.bind(jobs) : method
          return async (...change: Parameters<typeof jobs.change>) => {
            const other = meanwhile
            meanwhile = null
            await other?.()
            return jobs.change(...change)
          }
        },
      }),
    }),
  })
  await house.ask('POST', '/v1/jobs', { body: PING })
  const patch = (body: object, headers: Record<string, string> = {}) =>
    house.ask<Job>('PATCH', '/v1/jobs/ping', { body, headers })

  meanwhile = () => patch({ labels: { a: '1' } })
  const both = await patch({ description: 'x' })
  assert.deepEqual([both.status, both.body.version], [200, 3])
  assert.deepEqual([both.body.description, both.body.labels], ['x', { a: '1' }])

  meanwhile = () => patch({ labels: { b: '2' } })
  const named = await patch({ description: 'y' }, { 'if-match': '"3"' })
  assert.equal(assertProblem(named as never, 412, 'version_conflict').currentVersion, 4)
})

test('a list is walked page by page, by the link or by the cursor', async () => {
  await using house = await openHouse()
  const jobs = Array.from({ length: 7 }, (_, n) => ({
    ...PING,
    name: `job ${n}`,
    labels: { odd: String(n % 2) },
  }))
  await house.ask('POST', '/v1/jobs/batch', { body: { jobs } })
  const seen: string[] = []
  let url: string | undefined = '/v1/jobs?limit=3&q=JOB'
  while (url !== undefined) {
    const page: { body: JobPage; headers: Record<string, string> } = await house.ask<JobPage>('GET', url)
    seen.push(...page.body.items.map(({ name }) => name))
    const link = page.headers.link
    assert.equal(link === undefined, page.body.nextCursor === null)
    url = /^<(.+)>; rel="next"$/.exec(link ?? '')?.[1]
    if (url !== undefined) assert.match(url, /^\/v1\/jobs\?limit=3&q=JOB&cursor=/)
  }
  assert.deepEqual(seen.sort(), jobs.map(({ name }) => name).sort())
  const odd = await house.ask<JobPage>('GET', '/v1/jobs?label=odd%3D1&label=odd=1&status=active')
  assert.equal(odd.body.items.length, 3)
  assert.equal(odd.body.nextCursor, null)
  assert.equal((await house.ask<JobPage>('GET', '/v1/jobs?status=paused')).body.items.length, 0)
})

test('a batch is whole or nothing', async () => {
  await using house = await openHouse()
  const jobs = [PING, { ...PING, name: 'b', schedule: { cron: '61 * * * *' } }, { ...PING, nam: 'c' }]
  const refused = assertProblem(await house.ask('POST', '/v1/jobs/batch', { body: { jobs } }), 422, 'invalid')
  assert.ok(refused.errors.some(({ pointer, code }) => pointer === '/jobs/2/nam' && code === 'unknown_field'))
  const meaning = await house.ask('POST', '/v1/jobs/batch', { body: { jobs: jobs.slice(0, 2) } })
  assert.ok(
    assertProblem(meaning, 422, 'invalid').errors.every(({ pointer }) =>
      pointer.startsWith('/jobs/1/schedule/cron'),
    ),
  )
  assert.equal((await house.ask<JobPage>('GET', '/v1/jobs')).body.items.length, 0)
})

test('a batch of each for itself says of every item what became of it', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/jobs', { body: PING })
  const jobs = [
    { nam: 'shape' },
    { ...PING, name: 'good' },
    PING,
    { ...PING, name: 'meaning', schedule: { every: '0s' } },
    { ...PING, name: 'good' },
    17,
    { ...PING, name: 'also good' },
  ]
  const { status, body } = await house.ask<JobBatchReport>('POST', '/v1/jobs/batch', {
    body: { mode: 'each', jobs },
  })
  assert.equal(status, 200)
  assert.deepEqual([body.created, body.failed], [2, 5])
  assert.deepEqual(
    body.items.map(({ job, code }) => job?.name ?? code),
    ['invalid', 'good', 'name_taken', 'invalid', 'name_taken', 'invalid', 'also good'],
  )
  body.items.forEach(({ errors = [] }, n) => {
    for (const { pointer } of errors) assert.match(pointer, new RegExp(`^/jobs/${n}(/|$)`))
  })
  assert.equal((await house.ask<JobPage>('GET', '/v1/jobs')).body.items.length, 3)
})

test('a batch of ten thousand jobs is accepted, one of ten thousand and one is not', async () => {
  await using house = await openHouse()
  const jobs = Array.from({ length: 10_001 }, (_, n) => ({ ...PING, name: `job ${n}` }))
  const problem = assertProblem(await house.ask('POST', '/v1/jobs/batch', { body: { jobs } }), 422, 'invalid')
  assert.deepEqual([problem.errors[0]?.pointer, problem.errors[0]?.code], ['/jobs', 'range'])
  const { status, body } = await house.ask<JobBatchReport>('POST', '/v1/jobs/batch', {
    body: { jobs: jobs.slice(1) },
  })
  assert.deepEqual([status, body.created, body.failed], [201, 10_000, 0])
})

test('pause, resume, trigger, cancel, retry, why, ledger', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/jobs', { body: { ...PING, schedule: { cron: '5-9 3 * * *' } } })
  const paused = await house.ask<Job>('POST', '/v1/jobs/ping/pause', {
    body: { note: 'moving', until: '2027-01-02T00:00:00+01:00' },
  })
  assert.equal(paused.status, 200)
  assert.deepEqual(paused.body.pause, {
    at: '2027-01-01T00:00:00.000Z',
    until: '2027-01-01T23:00:00.000Z',
    note: 'moving',
    by: 'admin',
  })
  assertProblem(await house.ask('POST', '/v1/jobs/ping/trigger'), 409, 'job_paused')
  const forced = await house.ask<{ id: string }>('POST', '/v1/jobs/ping/trigger', {
    body: { force: true, params: { day: 1 } },
  })
  assert.equal(forced.status, 201)
  assert.equal(forced.headers.location, `/v1/runs/${forced.body.id}`)
  const run = await house.ask('GET', `/v1/runs/${forced.body.id}`)
  assert.deepEqual(
    [run.body.status, run.body.trigger, run.body.params, run.body.attempts],
    ['pending', 'manual', { day: 1 }, []],
  )

  assertProblem(await house.ask('POST', `/v1/runs/${forced.body.id}/retry`), 409, 'run_not_final')
  const cancelled = await house.ask('POST', `/v1/runs/${forced.body.id}/cancel`, { body: {} })
  assert.equal(cancelled.body.status, 'cancelled')
  assertProblem(await house.ask('POST', `/v1/runs/${forced.body.id}/cancel`), 409, 'run_final')

  const resumed = await house.ask<Job>('POST', '/v1/jobs/ping/resume')
  assert.deepEqual([resumed.body.status, resumed.body.pause], ['active', null])
  const again = await house.ask('POST', `/v1/runs/${forced.body.id}/retry`)
  assert.deepEqual([again.status, again.body.trigger, again.body.params], [201, 'retry', { day: 1 }])

  const why = await house.ask('GET', '/v1/jobs/ping/why?at=2027-01-01T04:07:00%2B01:00')
  assert.equal(why.status, 200)
  assert.deepEqual([why.body.at, why.body.due], ['2027-01-01T03:07:00.000Z', true])
  const ledger = await house.ask<{ upcoming: string[]; truncated: boolean }>(
    'GET',
    '/v1/jobs/ping/ledger?to=2027-01-01T04:00:00Z&limit=2',
  )
  assert.equal(ledger.status, 200)
  assert.equal(ledger.body.upcoming.length, 2)
  assert.equal(ledger.body.truncated, true)
  const runs = await house.ask<{ items: { status: string }[] }>(
    'GET',
    '/v1/runs?job=ping&status=cancelled,failed',
  )
  assert.deepEqual(
    runs.body.items.map(({ status }) => status),
    ['cancelled'],
  )
})

test('a preview stores nothing and tells both clocks', async () => {
  await using house = await openHouse()
  const { status, body } = await house.ask('POST', '/v1/schedules/preview', {
    body: {
      schedule: { cron: '30 2 * * *', timezone: 'Australia/Lord_Howe' },
      from: '2027-04-03T00:00:00Z',
      count: 2,
    },
  })
  assert.equal(status, 200)
  assert.deepEqual(body.instants, [
    { utc: '2027-04-03T16:00:00.000Z', local: '2027-04-04T02:30:00.000+10:30' },
    { utc: '2027-04-04T16:00:00.000Z', local: '2027-04-05T02:30:00.000+10:30' },
  ])
  assert.equal((await house.ask<JobPage>('GET', '/v1/jobs')).body.items.length, 0)
})
