// Projects and callbacks through the door.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CallbackDetail, CallbackPage } from '../../src/protocol/callback.ts'
import type { Project, ProjectPage } from '../../src/protocol/project.ts'
import { assertProblem, openHouse, PING } from './house.ts'

test('a project is made, changed, left behind', async () => {
  await using house = await openHouse()
  const made = await house.ask<Project>('POST', '/v1/projects', {
    body: { name: 'billing', keep: { days: 90, last: 5 } },
  })
  assert.deepEqual(
    [made.status, made.headers.location, made.headers.etag],
    [201, `/v1/projects/${made.body.id}`, '"1"'],
  )
  const patch = (body: object, version?: string) =>
    house.ask<Project>('PATCH', '/v1/projects/billing', {
      body,
      headers: {
        'content-type': 'application/merge-patch+json',
        ...(version === undefined ? {} : { 'if-match': version }),
      },
    })
  assert.deepEqual((await patch({ description: 'Money.', keep: { last: null } }, '"1"')).body, {
    ...made.body,
    version: 2,
    description: 'Money.',
    keep: { days: 90 },
  })
  assert.equal(
    assertProblem((await patch({ name: 'x' }, '"1"')) as never, 412, 'version_conflict').currentVersion,
    2,
  )
  assert.deepEqual((await patch({ description: null, keep: null })).body.keep, {})
  assertProblem((await patch({ keep: { days: 0 } })) as never, 422, 'invalid')
  const { body: list } = await house.ask<ProjectPage>('GET', '/v1/projects')
  assert.deepEqual(list.items.map(({ name }) => name).sort(), ['billing', 'default'])

  await house.ask('POST', '/v1/jobs', { body: { ...PING, project: 'billing' } })
  assertProblem(await house.ask('DELETE', '/v1/projects/billing'), 409, 'in_use')
  assertProblem(await house.ask('GET', '/v1/jobs/ping'), 404, 'not_found')
  assert.equal((await house.ask('GET', '/v1/jobs/ping?project=billing')).status, 200)
  const replaced = await house.ask('PUT', '/v1/jobs/ping', {
    body: { ...PING, project: 'billing', description: 'x' },
  })
  assert.deepEqual([replaced.status, replaced.body.description], [200, 'x'])
})

test('a callback is listed, read, and not sent twice at once', async () => {
  await using house = await openHouse()
  const callback = { url: 'https://ops.example.com/told', headers: { 'X-Secret': 'hush' } }
  await house.ask('POST', '/v1/jobs', { body: { ...PING, schedule: {}, callback } })
  const { body: run } = await house.ask<{ id: string }>('POST', '/v1/jobs/ping/trigger')
  await house.ask('POST', `/v1/runs/${run.id}/cancel`)
  for (const query of ['', '?status=pending', '?job=ping', `?run=${run.id}`]) {
    const { body } = await house.ask<CallbackPage>('GET', `/v1/callbacks${query}`)
    assert.deepEqual(
      body.items.map(({ runId, status, tries, url }) => [runId, status, tries, url]),
      [[run.id, 'pending', 0, callback.url]],
      query,
    )
  }
  assert.equal((await house.ask<CallbackPage>('GET', '/v1/callbacks?status=dead')).body.items.length, 0)
  const [effect] = (await house.ask<CallbackPage>('GET', '/v1/callbacks')).body.items
  const read = await house.ask<CallbackDetail>('GET', `/v1/callbacks/${effect?.id}`)
  assert.deepEqual(read.body, { ...effect, deliveries: [] })
  assert.ok(!read.text.includes('hush'))
  assertProblem(await house.ask('POST', `/v1/callbacks/${effect?.id}/redeliver`), 409, 'in_use')

  const tried = {
    effectId: effect!.id,
    number: 1,
    startedAt: 1,
    endedAt: 2,
    status: 500,
    ok: false,
    message: 'answered 500',
  }
  await house.store.outbox.record([{ delivery: tried, nextTryAt: null }])
  const dead = await house.ask<CallbackPage>('GET', '/v1/callbacks?status=dead')
  assert.equal(dead.body.items.length, 1)
  const again = await house.ask<CallbackDetail>('POST', `/v1/callbacks/${effect?.id}/redeliver`)
  assert.deepEqual([again.status, again.body.status], [200, 'pending'])
})
