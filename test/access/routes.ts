// Every route of a server, and a request for each that gets past its checks.

import assert from 'node:assert/strict'
import type { Stated } from '../../src/doors/http/gate.ts'
import type { Reply } from '../rest/house.ts'
import { type Furnished, JOB } from './furnished.ts'

/** Bodies that get past the checks, so that what refuses is the right to it. */
const JOB_BODY = { ...JOB, callback: null, description: 'changed' }
const SCHEDULE = { schedule: '0 0 * * * *', request: { url: 'https://example.com/', method: 'GET' } }
const TASK = { spec: '@every 2h', timezone: 'UTC', callback_url: 'https://example.com/', data: '' }
export const BODIES: Readonly<Record<string, unknown>> = {
  'PUT /v1/jobs/:job': JOB_BODY,
  'PATCH /v1/jobs/:job': { description: 'changed' },
  'PUT /v1/secrets/:secret': { value: 'another value' },
  'PATCH /v1/projects/:project': { description: 'changed' },
  'PATCH /v1/keys/:key': { name: 'private-key' },
  'POST /v1/agents/:agent/drain': { drain: true },
  'POST /v1/agents/self/sessions/:session/lease': { slots: 1 },
  'POST /v1/agents/self/sessions/:session/beat': { held: [] },
  'POST /v1/agents/self/sessions/:session/report': { reports: [] },
  'POST /v1/agents/self/sessions/:session/logs/:run/:attempt/:part/:fence/seal': { chunks: 0 },
  'PUT /compat/scheduler0/v1/jobs/:id': TASK,
  'PUT /compat/scheduler0/api/v1/jobs/:id': TASK,
  'PUT /compat/scheduler0/v1/credentials/:id': { archived: true },
  'PUT /compat/scheduler0/api/v1/credentials/:id': { archived: true },
  'PATCH /compat/simple-scheduler/api/jobs/:name': { interval: 120_000 },
  'PUT /compat/schedule-rs/schedule/:id': SCHEDULE,
  'PUT /compat/schedule-rs/schedule/:id/callback': { callback: null },
  'PUT /compat/schedule-rs/api/schedules/:id': SCHEDULE,
  'PUT /compat/schedule-rs/api/schedules/:id/callback': { callback: null },
}

/** Answers that do not end by themselves. */
const STREAMS = new Set(['GET /v1/events', 'GET /v1/runs/:run/log/stream'])

export function addressOf({ url }: Stated, { names }: Furnished): string {
  const system = /^\/compat\/(schedule-rs)/.exec(url)?.[1]
  const address = url.replace(/:(\w+)/g, (_, name: string) => {
    const noun = url.split('/').at(url.split('/').indexOf(':id') - 1) ?? ''
    const value = name === 'id' ? names[`${system ?? noun}:id`] : names[name]
    assert.ok(value !== undefined, `${url}: nothing stands for ${name}`)
    return value
  })
  return /:(?:sha256|secret)\b/.test(url) ? `${address}?project=mine` : address
}

export async function asked(furnished: Furnished, route: Stated, key: string | null): Promise<Reply> {
  const { house } = furnished
  const name = `${route.method} ${route.url}`
  const url = addressOf(route, furnished)
  if (STREAMS.has(name)) return streamed(furnished, url, key)
  if (name.endsWith('/chunks/:sequence')) {
    const headers = { 'content-type': 'application/octet-stream' }
    return house.ask(route.method, url, { key, headers, raw: 'x' })
  }
  const bare = /\/(?:rotate|reseal|undrain|cancel|retry|redeliver|resume|tickets)$/.test(route.url)
  const body = BODIES[name] ?? (route.method === 'POST' && !bare ? {} : undefined)
  return house.ask(route.method, url, { key, ...(body === undefined ? {} : { body }) })
}

/** Only how it begins. */
async function streamed({ house }: Furnished, url: string, key: string | null): Promise<Reply> {
  const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` }
  const reply = await house.app.inject({ method: 'GET', url, headers, payloadAsStream: true })
  const stream = reply.stream()
  stream.on('error', () => {})
  stream.destroy()
  return { status: reply.statusCode, headers: reply.headers as never, body: {}, text: '' }
}

export function routesOf({ house }: Furnished): Stated[] {
  const order = (route: Stated): number => (route.method === 'DELETE' ? 1 : 0)
  return house.app.stated.filter(({ method }) => method !== 'HEAD').toSorted((a, b) => order(a) - order(b))
}
