// Asks a server everything its own contract lists, with one thing wrong at a time, and judges each answer by itself.
// Whatever comes: never our fault, a problem that says so, soon, and nothing of the inside.

import assert from 'node:assert/strict'
import type { InjectOptions } from 'fastify'
import { type House, openHouse, PING } from '../rest/house.ts'
import { type Components, type Schema, spoiled, TEXTS } from './spoil.ts'

type Operation = {
  readonly operationId: string
  readonly parameters?: readonly { readonly in: string; readonly name: string }[]
  readonly requestBody?: {
    readonly content: Readonly<
      Record<string, { schema: Schema; examples?: Readonly<Record<string, { readonly value: unknown }>> }>
    >
  }
}

type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Components }
}

export type Tally = { requests: number; slowestMs: number; statuses: Record<number, number> }

/** They do not end by themselves, or wait for work. */
const LEFT_OUT = new Set(['followEvents', 'followLog', 'signOut'])
const SLOW_MS = 1_000
const INSIDE =
  /node_modules|\.ts:\d|SELECT |INSERT |UPDATE \w+ SET|at \w+ \(|sqlite|SQLITE|node:internal|\/src\//

/** `seed`: in which order they come; what changed something before may matter. */
export async function fuzz({
  requests,
  seed,
}: {
  readonly requests: number
  readonly seed: number
}): Promise<Tally> {
  const tally: Tally = { requests: 0, slowestMs: 0, statuses: {} }
  await using house = await openHouse({
    limits: { requestsPerMinute: 0, authFailuresPerMinute: 0 },
  })
  await house.ask('POST', '/v1/jobs', { body: PING })
  const { body: document } = await house.ask<Document>('GET', '/openapi.json')
  const asked = shuffled([...everything(document)], seed)
  for (let n = 0; tally.requests < requests; n += 1) await judge(house, asked[n % asked.length]!, tally)
  assert.deepEqual(house.faults, [], 'nothing was our fault')
  assert.equal(({} as { polluted?: unknown }).polluted, undefined, 'no chain was polluted')
  assert.equal((await house.ask('GET', '/livez', { key: null })).status, 200)
  return tally
}

/** Every operation gets its turn, however many there are of it: the seed says which come first. */
export function shuffled<Item>(items: Item[], seed: number): Item[] {
  const random = lehmer(seed)
  for (let n = items.length - 1; n > 0; n -= 1) {
    const other = Math.floor(random() * (n + 1))
    ;[items[n], items[other]] = [items[other]!, items[n]!]
  }
  return items
}

type Asked = { readonly what: string; readonly options: InjectOptions; readonly writes: boolean }

function* everything({ paths, components }: Document): Generator<Asked> {
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (LEFT_OUT.has(operation.operationId)) continue
      const names = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query')
      const url = path.replace(/\{(\w+)\}/g, (_, name: string) => (name === 'job' ? 'ping' : 'none'))
      const of = (what: string, at: string, payload?: string, type = 'application/json'): Asked => ({
        what: `${method.toUpperCase()} ${at.slice(0, 100)} ${what}`,
        writes: method !== 'get',
        options: {
          method: method.toUpperCase(),
          url: at,
          headers: payload === undefined ? {} : { 'content-type': type },
          ...(payload === undefined ? {} : { payload }),
        } as InjectOptions,
      })
      for (const text of TEXTS) {
        const encoded = encodeURIComponent(text.toWellFormed()).slice(0, 7_000)
        for (const { name } of names) yield of('query', `${url}?${name}=${encoded}`)
        if (path.includes('{')) yield of('path', path.replace(/\{\w+\}/g, encoded))
      }
      for (const [type, { schema, examples }] of Object.entries(operation.requestBody?.content ?? {})) {
        if (!type.includes('json')) continue
        for (const raw of RAW) yield of('raw', url, raw, type)
        for (const { value } of Object.values(examples ?? {})) {
          for (const [what, spoilt] of spoiled(value, schema, components.schemas))
            yield of(what, url, JSON.stringify(spoilt) ?? '', type)
        }
      }
    }
  }
}

/** What is no JSON, or not the kind that is meant. */
const RAW: readonly string[] = [
  '',
  '{',
  '{"a":1,"a":2}',
  '{"a":1} x',
  '[1,2',
  'nul',
  '"\\ud800"',
  '1e400',
  '[NaN]',
  '['.repeat(10_000),
  `{"__proto__":{"polluted":true}}`,
  `${'{"a":'.repeat(70)}1${'}'.repeat(70)}`,
  '\ufeff{}',
]

async function judge(house: House, { what, options, writes }: Asked, tally: Tally): Promise<void> {
  const before = writes ? await lastChange(house) : null
  const headers = { ...options.headers, authorization: `Bearer ${house.admin}` }
  const { reply, told } = await judged(house.app, what, { ...options, headers }, tally)
  const status = reply.statusCode
  if (status < 400) return
  assert.ok(reply.body.length < 65_536, told())
  assert.match(String(reply.headers['content-type']), /^application\/problem\+json/, told())
  const problem = JSON.parse(reply.body) as { status: number; code: string; requestId: string }
  assert.equal(problem.status, status, told())
  assert.ok(problem.code !== '' && problem.requestId !== '', told())
  if (writes) assert.equal(await lastChange(house), before, `refused, and yet something changed: ${told()}`)
}

/** What holds for every answer of every door. */
export async function judged(
  app: House['app'],
  what: string,
  options: InjectOptions,
  tally: Tally,
): Promise<{ readonly reply: Awaited<ReturnType<House['app']['inject']>>; readonly told: () => string }> {
  const began = process.cpuUsage()
  const reply = await app.inject(options)
  // Work, not waiting: the machine may be busy with others.
  const { user, system } = process.cpuUsage(began)
  const ms = (user + system) / 1_000
  tally.requests += 1
  tally.slowestMs = Math.max(tally.slowestMs, ms)
  const status = reply.statusCode
  tally.statuses[status] = (tally.statuses[status] ?? 0) + 1
  const told = (): string => `${what}: ${status} in ${Math.round(ms)} ms ${reply.body.slice(0, 400)}`
  assert.ok(status < 500 || status === 503, told())
  assert.ok(ms < SLOW_MS, told())
  assert.ok(!INSIDE.test(reply.body), told())
  return { reply, told }
}

/** The last change there was: every one leaves an entry. */
async function lastChange({ store }: House): Promise<string | null> {
  return (await store.audit.list({}, { limit: 1 })).items[0]?.id ?? null
}

/** Small, and the same everywhere. */
export function lehmer(seed: number): () => number {
  let state = seed % 2_147_483_647 || 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
