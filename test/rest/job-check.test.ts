// What a job would be refused for, before it is made: the same words as when it is made, and nothing stored.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job, JobCheck } from '../../src/protocol/job.ts'
import type { ProblemDocument } from '../../src/protocol/problem.ts'
import { assertProblem, openHouse, PING } from './house.ts'

const WRONG: readonly object[] = [
  {},
  { ...PING, name: '' },
  { ...PING, schedule: { cron: '61 * * * *' } },
  { ...PING, shedule: {} },
  { ...PING, target: { http: { url: 'http://169.254.169.254/' } }, policy: { timeout: 'soon' } },
  { ...PING, target: { http: { url: 'https://example.com/{{secret.none}}', headers: { a: 'b' } } } },
  { ...PING, callback: { url: 'ftp://example.com' } },
  { ...PING, name: 'taken' },
]

test('a check says what creating says', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/jobs', { body: { ...PING, name: 'taken' } })
  const before = await house.store.jobs.list({}, { limit: 100 })
  for (const body of WRONG) {
    const check = await house.ask<JobCheck>('POST', '/v1/jobs/check', { body })
    assert.equal(check.status, 200, check.text)
    const made = await house.ask<ProblemDocument>('POST', '/v1/jobs', { body })
    assert.ok(made.status >= 400)
    assert.ok(check.body.errors.length > 0, made.text)
    assert.deepEqual(check.body.errors, made.body.errors)
  }
  const fine = await house.ask<JobCheck>('POST', '/v1/jobs/check', {
    body: { ...PING, name: 'fine', schedule: { cron: '30 2 * * *', timezone: 'Europe/Berlin' } },
  })
  assert.deepEqual(fine.body.errors, [])
  assert.ok(fine.body.warnings.length > 0, 'what may surprise is told too')
  assert.deepEqual(await house.store.jobs.list({}, { limit: 100 }), before, 'nothing is stored')
})

test('a check of an edit says what replacing says', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/jobs', { body: { ...PING, name: 'taken' } })
  const at = new Date(house.clock.now() + 1_000).toISOString()
  const { body: job } = await house.ask<Job>('POST', '/v1/jobs', {
    body: { ...PING, name: 'mine', schedule: { at } },
  })
  for (const body of [...WRONG, { ...PING, project: 'nowhere' }]) {
    const check = await house.ask<JobCheck>('POST', `/v1/jobs/${job.id}/check`, { body })
    const made = await house.ask<ProblemDocument>('PUT', `/v1/jobs/${job.id}`, { body })
    assert.ok(made.status >= 400)
    if (made.status === 404) assertProblem(check, 404, 'not_found')
    else assert.deepEqual(check.body.errors, made.body.errors)
  }
  // Its own name is no other's, and a moment that has passed may stay.
  house.clock.advance(3_600_000)
  const own = await house.ask<JobCheck>('POST', `/v1/jobs/mine/check`, {
    body: { ...PING, name: 'mine', schedule: { at }, description: 'later' },
  })
  assert.deepEqual(own.body.errors, [])
  assert.equal((await house.ask<Job>('GET', `/v1/jobs/${job.id}`)).body.version, 1)
})

test('who may not create or edit may not ask either', async () => {
  await using house = await openHouse()
  const { body: job } = await house.ask<Job>('POST', '/v1/jobs', { body: PING })
  const key = await house.key({ scopes: ['jobs:read'] })
  for (const path of ['/v1/jobs/check', `/v1/jobs/${job.id}/check`])
    assertProblem(await house.ask('POST', path, { body: PING, key }), 403, 'forbidden')
  assertProblem(await house.ask('POST', '/v1/jobs/nobody/check', { body: PING }), 404, 'not_found')
})
