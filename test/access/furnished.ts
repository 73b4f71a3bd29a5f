// A server with every door, and one project that has one of everything: for asking who may see and do what with it.

import assert from 'node:assert/strict'
import { dcronDoor } from '../../src/doors/compat/dcron/routes.ts'
import { compatPrefix, mountCompatDoor } from '../../src/doors/compat/mount-door.ts'
import { scheduleRsDoor } from '../../src/doors/compat/schedule-rs/routes.ts'
import { scheduler0Door } from '../../src/doors/compat/scheduler0/routes.ts'
import { simpleSchedulerDoor } from '../../src/doors/compat/simple-scheduler/routes.ts'
import { taskschedulerDoor } from '../../src/doors/compat/taskscheduler/routes.ts'
import { REST_LIMITS } from '../../src/doors/http/limits.ts'
import { mountPage } from '../../src/doors/web/page-door.ts'
import type { PageFiles } from '../../src/doors/web/page-files.ts'
import { type House, openHouse, type Reply } from '../rest/house.ts'

export type Furnished = AsyncDisposable & {
  readonly house: House
  /** What stands for the parameters of addresses, by route prefix and name. */
  readonly names: Readonly<Record<string, string>>
  /** Ids and names of the project's things: no stranger may ever be shown one. */
  readonly marks: readonly string[]
  /** Where strangers live. */
  readonly elsewhere: string
}

export const JOB = {
  name: 'private-job',
  project: 'mine',
  schedule: {},
  target: { http: { url: 'https://example.com/private-target' } },
  callback: { url: 'https://example.com/private-callback' },
}

const PAGE: PageFiles = new Map([
  ['index.html', { type: 'text/html', bytes: { identity: Buffer.from('<!doctype html>') } }],
])

export async function furnish(): Promise<Furnished> {
  const doors = [
    scheduleRsDoor,
    scheduler0Door({
      executionTimeoutMs: 1_000,
      retryMax: 0,
      retryDelayMs: 1_000,
      payloadBytesMax: 3_072,
    }),
    dcronDoor,
    taskschedulerDoor({ agents: ['https://example.com'] }),
    simpleSchedulerDoor,
  ]
  const house = await openHouse({
    beside: (ctx, logger) => (app) => {
      mountPage(app, PAGE)
      for (const door of doors)
        mountCompatDoor(app, door, { ctx, limits: REST_LIMITS, logger, prefix: compatPrefix(door.system) })
    },
  })
  const post = async <T = { id: string }>(url: string, body: object = {}): Promise<T> => {
    const reply = await house.ask<T>('POST', url, { body })
    assert.ok(reply.status < 300, `POST ${url}: ${reply.status} ${reply.text}`)
    return reply.body
  }
  const project = await post('/v1/projects', { name: 'mine' })
  const elsewhere = await post('/v1/projects', { name: 'elsewhere' })
  const job = await post('/v1/jobs', JOB)
  const ended = await post(`/v1/jobs/${job.id}/trigger`)
  await post(`/v1/runs/${ended.id}/cancel`)
  const run = await post(`/v1/jobs/${job.id}/trigger`)
  const { body: callbacks } = await house.ask<{ items: { id: string }[] }>('GET', '/v1/callbacks')
  await house.ask('PUT', '/v1/secrets/private_secret?project=mine', {
    body: { value: 'private-secret-value' },
  })
  const delivery = { startedAt: 1, endedAt: 2, status: 500, ok: false, message: 'answered 500' }
  const effectId = callbacks.items[0]?.id ?? 'none'
  await house.store.outbox.record([{ delivery: { effectId, number: 1, ...delivery }, nextTryAt: null }])
  const script = await uploaded(house)
  const key = await post('/v1/keys', { name: 'private-key', scopes: ['jobs:read'], projects: ['mine'] })
  const token = await post('/v1/agent-tokens', { projects: ['mine'] })
  const spent = await post<{ secret: string }>('/v1/agent-tokens', { projects: ['mine'] })
  const joined = { token: spent.secret, name: 'private-agent', hostname: 'far', version: '1' }
  const { agent, secret } = await post<{ agent: { id: string }; secret: string }>('/v1/agents/join', joined)
  const opened = await house.ask<{ session: string }>('POST', '/v1/agents/self/sessions', {
    key: secret,
    body: { hostname: 'far', pid: 1, version: '1', labels: {}, slots: 1, held: [] },
  })
  assert.equal(opened.status, 201, opened.text)
  await house.store.nodes.register(
    { id: 'nod_private', hostname: 'private-host', pid: 1, version: '1' },
    house.clock.now(),
    600_000,
  )
  const headers = { 'sec-fetch-site': 'same-origin' }
  await house.ask('POST', '/v1/visit', { key: null, headers, body: { key: house.admin } })
  const visits = await house.ask<{ items: { id: string }[] }>('GET', '/v1/visits')
  const visit = visits.body.items[0]?.id ?? 'none'
  const rs = await post('/compat/schedule-rs/schedule', {
    schedule: '0 0 * * * *',
    request: { url: 'https://example.com/private-schedule', method: 'GET' },
  })
  const task = await post<{ task_id: string }>('/compat/taskscheduler/api/v1/tasks/create', {
    command: 'private-command',
    frequency: 'every 1 hours',
  })
  const simple = { name: 'private-simple', nextRunAt: '2099-01-01T00:00:00Z', interval: 60_000 }
  await post('/compat/simple-scheduler/api/jobs', simple)
  const simpleRun = await post('/v1/jobs/private-simple/trigger?project=simple-scheduler')
  const s0 = '/compat/scheduler0/v1'
  const s0Project = await post<{ data: { id: number } }>(`${s0}/projects`, {
    name: 'private-project',
    description: 'theirs',
  })
  const s0Jobs = await house.ask('POST', `${s0}/jobs`, {
    body: [
      {
        project_id: s0Project.data.id,
        spec: '@every 1h',
        timezone: 'UTC',
        callback_url: 'https://example.com/private',
        data: '',
        start_date: '2027-01-01T00:00:00Z',
      },
    ],
  })
  assert.ok(s0Jobs.status < 300, s0Jobs.text)
  return {
    house,
    elsewhere: elsewhere.id,
    names: {
      project: project.id,
      job: job.id,
      run: run.id,
      callback: callbacks.items[0]?.id ?? 'none',
      sha256: script,
      key: key.id,
      secret: 'private_secret',
      token: token.id,
      agent: agent.id,
      session: opened.body.session,
      node: 'nod_private',
      visit,
      attempt: '1',
      part: '0',
      fence: '1',
      sequence: '0',
      'schedule-rs:id': rs.id,
      'runs:id': simpleRun.id,
      name: simple.name,
      'projects:id': String(s0Project.data.id),
      'jobs:id': String(s0Project.data.id * 1_000_000_000 + 1),
      'credentials:id': key.id,
      requestId: taskOf(s0Jobs),
      task_id: task.task_id,
    },
    marks: [
      project.id,
      job.id,
      ended.id,
      run.id,
      script,
      key.id,
      token.id,
      agent.id,
      visit,
      rs.id,
      simpleRun.id,
      'private-',
      'private_',
    ],
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  }
}

function taskOf(reply: Reply): string {
  return (reply.headers.location ?? '').split('/').at(-1) || 'none'
}

async function uploaded(house: House): Promise<string> {
  const reply = await house.ask<{ sha256: string }>('POST', '/v1/scripts?project=mine&name=private-script', {
    raw: Buffer.from('#!/bin/sh\necho hi\n'),
    headers: { 'content-type': 'application/octet-stream' },
  })
  assert.ok(reply.status < 300, reply.text)
  return reply.body.sha256
}
