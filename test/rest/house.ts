// A whole server on an empty store in memory, with a clock held by hand, for asking it things.

import assert from 'node:assert/strict'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import { EventHub } from '../../src/adapters/system/event-hub.ts'
import { KeyRing, makeSealingKey } from '../../src/adapters/system/key-ring.ts'
import { NewsBoard } from '../../src/adapters/system/news-board.ts'
import { createSystemChance } from '../../src/adapters/system/system-chance.ts'
import { COMMAND_LIMITS, type CommandLimits, type Context } from '../../src/commands/context.ts'
import { createKey, ensureAdminKey, type KeyDraft } from '../../src/commands/keys.ts'
import { KnownProjects } from '../../src/commands/known-projects.ts'
import { RunTokens } from '../../src/commands/run-token.ts'
import { WaitingAgents } from '../../src/commands/waiting-agents.ts'
import { ProjectGuards, refusalOfRule } from '../../src/dispatch/project-guards.ts'
import type { Answered } from '../../src/doors/http/http-server.ts'
import type { RestLimits } from '../../src/doors/http/limits.ts'
import type { DoorLogger } from '../../src/doors/http/problem-send.ts'
import { TrustedProxies } from '../../src/doors/http/trusted-proxies.ts'
import { buildRestServer } from '../../src/doors/rest/server.ts'
import type { LiveEvents } from '../../src/doors/rest/v1/live-events.ts'
import { Surveyor } from '../../src/engine/survey/surveyor.ts'
import { liveFeed } from '../../src/main/live-feed.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Issuers } from '../../src/ports/issuers.ts'
import type { Store } from '../../src/ports/store.ts'
import type { TokenMint } from '../../src/ports/token-mint.ts'
import type { ProblemDocument } from '../../src/protocol/problem.ts'
import { MemoryBlobs } from '../support/memory-blobs.ts'
import { HandClock } from './hand-clock.ts'

/** The node that answers; it is not registered. */
export const OWN_NODE = 'nod_house'

export const START = Date.parse('2027-01-01T00:00:00.000Z')

export type Reply<T = Record<string, unknown>> = {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: T
  readonly text: string
}

export type House = {
  readonly app: FastifyInstance
  readonly ctx: Context
  readonly store: Store
  readonly clock: HandClock
  readonly hub: EventHub
  readonly admin: string
  readonly faults: { fields: object; message: string }[]
  /** One request with the admin key, unless another is given; `null`: none. */
  ask<T = Record<string, unknown>>(method: string, url: string, more?: Asking): Promise<Reply<T>>
  key(draft: Partial<KeyDraft>): Promise<string>
} & AsyncDisposable

export type Asking = {
  readonly body?: unknown
  /** Sent as it stands. */
  readonly raw?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly key?: string | null
  /** Whose connection it is; default: this machine's. */
  readonly from?: string
}

type Parts = {
  limits?: Partial<RestLimits>
  /** Addresses of proxies that are believed. */
  proxies?: readonly string[]
  commands?: Partial<CommandLimits>
  events?: LiveEvents
  store?: (store: Store) => Store
  /** Another door on the same listener. */
  beside?: (ctx: Context, logger: DoorLogger) => (app: FastifyInstance) => void
  foreignScripts?: Context['foreignScripts']
  mayCall?: Context['mayCall']
  mint?: TokenMint
  observe?: (answered: Answered) => void
  /** Told of every line of the log below errors. */
  debug?: DoorLogger['debug']
  /** Whose tokens let in. */
  issuers?: (clock: HandClock) => Issuers
}

export async function openHouse(parts: Parts = {}): Promise<House> {
  const clock = new HandClock(START)
  const chance = createSystemChance(clock.now)
  const memory = openSqliteStore({ path: ':memory:', chance })
  const store = parts.store?.(memory) ?? memory
  const hub = new EventHub('hub')
  const faults: House['faults'] = []
  const guards = new ProjectGuards({ allowPrivate: true, allow: [], deny: [] })
  const ctx: Context = {
    store,
    projects: new KnownProjects(store, clock),
    blobs: new MemoryBlobs(),
    ...(parts.foreignScripts === undefined ? {} : { foreignScripts: parts.foreignScripts }),
    ...(parts.issuers === undefined ? {} : { issuers: parts.issuers(clock) }),
    ...(parts.mint === undefined ? {} : { mint: parts.mint }),
    logNews: new NewsBoard(clock),
    vault: new KeyRing([makeSealingKey()]),
    clock,
    chance,
    events: hub,
    nudge: { planner() {}, runner() {}, courier() {}, node() {} },
    waiting: new WaitingAgents(clock),
    runTokens: new RunTokens('secret'),
    limits: { ...COMMAND_LIMITS, ...parts.commands },
    mayCall: parts.mayCall ?? ((url, rules) => !url.includes('169.254.') && guards.mayCall(url, rules)),
    refusalOfRule,
    mayCallHint: 'This address is not allowed here.',
  }
  const admin = (await ensureAdminKey({ ...ctx, store: memory }, null))!
  const logger: DoorLogger = {
    error: (fields, message) => faults.push({ fields, message }),
    debug: parts.debug ?? (() => {}),
  }
  const app = await buildRestServer({
    ctx,
    beside: parts.beside === undefined ? [] : [parts.beside(ctx, logger)],
    survey: new Surveyor(store, unhurried(clock), (error) =>
      faults.push({ fields: { error }, message: 'survey' }),
    ),
    events: parts.events ?? { subscribe: (afterId, signal) => liveFeed(hub, afterId, signal) },
    own: () => ({ id: OWN_NODE, figures: null }),
    health: { ready: async () => ({ ok: true, checks: [{ name: 'store', ok: true, detail: 'answers' }] }) },
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'carillon_jobs 1\n' }),
    settings: { file: null, settings: [], warnings: [] },
    version: { version: '9.9.9', node: 'v24', tzdata: '2026a' },
    ...(parts.limits === undefined ? {} : { limits: parts.limits }),
    ...(parts.observe === undefined ? {} : { observe: parts.observe }),
    proxies: new TrustedProxies(parts.proxies ?? []),
    logger,
  })
  return {
    app,
    ctx,
    store,
    clock,
    hub,
    admin,
    faults,
    async ask<T>(method: string, url: string, more: Asking = {}) {
      const headers: Record<string, string> = {}
      if (more.key !== null) headers.authorization = `Bearer ${more.key ?? admin}`
      const payload = more.raw ?? (more.body === undefined ? undefined : JSON.stringify(more.body))
      if (payload !== undefined) headers['content-type'] = 'application/json'
      const from = more.from === undefined ? {} : { remoteAddress: more.from }
      const options = { method, url, ...from, headers: { ...headers, ...more.headers } } as InjectOptions
      const reply = await app.inject(payload === undefined ? options : { ...options, payload })
      const isJson = /[/+]json\b/.test(String(reply.headers['content-type'] ?? ''))
      const body = (isJson && reply.body !== '' ? JSON.parse(reply.body) : {}) as T
      return {
        status: reply.statusCode,
        headers: reply.headers as Record<string, string>,
        body,
        text: reply.body,
      }
    },
    async key(draft) {
      const who = { id: 'key_test', name: 'test', scopes: ['admin', 'agent'] as const, projectIds: null }
      return (await createKey(ctx, who, { name: 'test', scopes: ['jobs:read'], ...draft })).secret
    },
    async [Symbol.asyncDispose]() {
      await app.close()
      await memory[Symbol.asyncDispose]()
    },
  }
}

/** A count may pause, and whoever looks waits for its end. */
function unhurried({ now, monotonic }: HandClock): Clock {
  const after = (ms: number, callback: () => void): (() => void) => {
    if (ms === 0) setImmediate(callback)
    return () => {}
  }
  return { now, monotonic, after }
}

export const PING = {
  name: 'ping',
  schedule: { every: '30s' },
  target: { http: { url: 'https://example.com/ping' } },
}

/** What every refusal must be: a problem document, and nothing of the inside. */
export function assertProblem(reply: Reply, status: number, code: string): ProblemDocument {
  const document = reply.body as unknown as ProblemDocument
  const told = `${reply.status} ${reply.text.slice(0, 300)}`
  assert.equal(reply.status, status, told)
  assert.match(reply.headers['content-type'] ?? '', /^application\/problem\+json/)
  assert.equal(document.code, code, told)
  assert.equal(document.status, status)
  assert.equal(document.type, `https://carillon.dev/problems/${code}`)
  assert.equal(document.instance, `/requests/${document.requestId}`)
  assert.equal(reply.headers['x-request-id'], document.requestId)
  assert.ok(reply.text.length < 65_536, 'a problem is short')
  assert.doesNotMatch(reply.text, /node_modules|\.ts:|SELECT|INSERT|at \w+ \(|sqlite/i)
  return document
}
