// Asks a server everything its own contract lists, with one thing wrong at a time, and judges each answer by itself.
// Whatever comes: never our fault, a problem that says so, soon, and nothing of the inside.

import assert from 'node:assert/strict'
import type { InjectOptions } from 'fastify'
import type { House } from '../rest/house.ts'
import { garbled } from './garble.ts'
import { type Components, type Schema, spoiled, TEXTS } from './spoil.ts'
import { Stage } from './stage.ts'

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
/** Longer than anybody may wait for work. */
const WAIT_MS = 60_000
const INSIDE =
  /node_modules|\.ts:\d|SELECT |INSERT |UPDATE \w+ SET|at \w+ \(|sqlite|SQLITE|node:internal|\/src\//

/**
 * `seed`: in which order they come; what changed something before may matter. Once everything was asked, it is asked again with
 * chance at its bodies, so that no two rounds are the same.
 */
export async function fuzz({
  requests,
  seed,
}: {
  readonly requests: number
  readonly seed: number
}): Promise<Tally> {
  const tally: Tally = { requests: 0, slowestMs: 0, statuses: {} }
  await using stage = await Stage.open()
  const { house } = stage
  const { body: document } = await house.ask<Document>('GET', '/openapi.json')
  const asked = shuffled([...everything(document)], seed)
  const random = lehmer(seed)
  while (tally.requests < requests) {
    const one = asked[tally.requests % asked.length]!
    await judge(
      stage,
      tally.requests < asked.length ? one : { ...one, body: garbled(one.body, random) },
      tally,
    )
  }
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

type Asked = {
  /** What is wrong with it. */
  readonly what: string
  readonly method: string
  /** As the contract has it. */
  readonly path: string
  /** With names of parameters for what they stand for. */
  readonly url: string
  readonly type?: string
  readonly body?: string | undefined
}

function* everything({ paths, components }: Document): Generator<Asked> {
  for (const [path, methods] of Object.entries(paths)) {
    for (const [lower, operation] of Object.entries(methods)) {
      if (LEFT_OUT.has(operation.operationId)) continue
      const method = lower.toUpperCase()
      const names = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query')
      for (const text of TEXTS) {
        const encoded = encodeURIComponent(text.toWellFormed()).slice(0, 7_000)
        for (const { name } of names) yield { what: 'query', method, path, url: `${path}?${name}=${encoded}` }
        if (path.includes('{'))
          yield { what: 'path', method, path, url: path.replace(/\{\w+\}/g, () => encoded) }
      }
      for (const [type, { schema, examples }] of Object.entries(operation.requestBody?.content ?? {})) {
        const one = { method, path, url: path, type }
        if (!type.includes('json')) continue
        for (const body of RAW) yield { ...one, what: 'raw', body }
        for (const { value } of Object.values(examples ?? {})) {
          for (const [what, spoilt] of spoiled(value, schema, components.schemas))
            yield { ...one, what, body: JSON.stringify(spoilt) ?? '' }
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

async function judge(
  stage: Stage,
  { what, method, path, url, type, body }: Asked,
  tally: Tally,
): Promise<void> {
  const at = url.replace(/\{(\w+)\}/g, (_, name: string) => stage.names[name] ?? 'none')
  const headers: Record<string, string> = { authorization: `Bearer ${stage.keyFor(path)}` }
  if (body !== undefined) headers['content-type'] = type ?? ''
  const options = {
    method,
    url: at,
    headers,
    ...(body === undefined ? {} : { payload: body }),
  } as InjectOptions
  const before = stage.changes
  // Whoever waits for work waits by the clock of this server, which nobody else moves.
  const waiting = path.endsWith('/lease') ? setTimeout(() => stage.pass(WAIT_MS), 20) : undefined
  const { reply, told } = await judged(
    stage.house.app,
    () => `${method} ${at.slice(0, 200)} ${what}`,
    options,
    tally,
  )
  clearTimeout(waiting)
  const changed = stage.changes !== before
  await stage.beSeen()
  const status = reply.statusCode
  if (status < 400) {
    if (changed && path.includes('{')) await stage.mend(path)
    return
  }
  hold(!changed, () => `refused, and yet something changed: ${told()}`)
  hold(reply.body.length < 65_536, told)
  hold(String(reply.headers['content-type']).startsWith('application/problem+json'), told)
  const problem = JSON.parse(reply.body) as { status: number; code: string; requestId: string }
  hold(problem.status === status && problem.code !== '' && problem.requestId !== '', told)
}

/** Words are made for what does not hold only: most of ten million do. */
function hold(what: boolean, told: () => string): void {
  if (!what) assert.fail(told())
}

function workedMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1_000
}

/** What holds for every answer of every door. */
export async function judged(
  app: House['app'],
  what: () => string,
  options: InjectOptions,
  tally: Tally,
): Promise<{ readonly reply: Awaited<ReturnType<House['app']['inject']>>; readonly told: () => string }> {
  const began = performance.now()
  const before = process.cpuUsage()
  const reply = await app.inject(options)
  let ms = performance.now() - began
  // Work, not waiting: the machine may be busy with others.
  if (ms > SLOW_MS / 2) ms = Math.min(ms, workedMs(before))
  tally.requests += 1
  tally.slowestMs = Math.max(tally.slowestMs, ms)
  const status = reply.statusCode
  tally.statuses[status] = (tally.statuses[status] ?? 0) + 1
  const told = (): string => `${what()}: ${status} in ${Math.round(ms)} ms ${reply.body.slice(0, 400)}`
  hold(status < 500 || status === 503, told)
  hold(ms < SLOW_MS, told)
  hold(!INSIDE.test(reply.body), told)
  return { reply, told }
}

/** Small, and the same everywhere. */
export function lehmer(seed: number): () => number {
  let state = seed % 2_147_483_647 || 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
