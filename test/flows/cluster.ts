// Several equal nodes in a story: each a whole engine with its own membership, all on one store and one clock held by
// hand. A node can be killed, frozen as SIGSTOP does, cut off from the store, drained and stopped.

import assert from 'node:assert/strict'
import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import { NewsBoard } from '../../src/adapters/system/news-board.ts'
import { COMMAND_LIMITS, type Context } from '../../src/commands/context.ts'
import { createJob } from '../../src/commands/create-job.ts'
import type { JobDraft } from '../../src/commands/job-draft.ts'
import { KnownProjects } from '../../src/commands/known-projects.ts'
import { RunTokens } from '../../src/commands/run-token.ts'
import { WaitingAgents } from '../../src/commands/waiting-agents.ts'
import { refusalOfRule } from '../../src/dispatch/project-guards.ts'
import type { Attempt } from '../../src/domain/attempt.ts'
import type { Run } from '../../src/domain/run.ts'
import { COURIER_DEFAULTS } from '../../src/engine/courier.ts'
import { LEASE_TIMES, Membership } from '../../src/engine/membership.ts'
import { Engine, NudgeRelay } from '../../src/main/engine.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Store } from '../../src/ports/store.ts'
import { seededChance } from '../contracts/world.ts'
import { HandClock } from '../support/hand-clock.ts'
import { MemoryBlobs } from '../support/memory-blobs.ts'
import { Gate } from './gated-store.ts'
import { Outside } from './scripted-world.ts'
import { T0, WHO } from './story.ts'

type Member = {
  readonly membership: Membership
  readonly engine: Engine
  readonly ctx: Context
  readonly gate: Gate
  readonly ice: Ice
  readonly life: AbortController
}

/** While frozen nothing that comes back to the process is heard; all of it is when it thaws, in order. */
class Ice {
  frozen = false
  #waiting: (() => void)[] = []

  hear(act: () => void): void {
    if (this.frozen) this.#waiting.push(act)
    else act()
  }

  thaw(): void {
    this.frozen = false
    for (const act of this.#waiting.splice(0)) act()
  }
}

export type ClusterOptions = { readonly slots?: number; readonly pollMs?: number }

export class Cluster implements AsyncDisposable {
  readonly clock = new HandClock(T0)
  readonly outside = new Outside()
  readonly chance = seededChance()
  readonly disk: Store = openSqliteStore({ path: ':memory:', chance: this.chance })
  readonly errors: { where: string; error: unknown }[] = []
  /** Reports that came too late, by host. */
  readonly stale = new Map<string, number>()
  readonly #members = new Map<string, Member>()
  readonly #options: Required<ClusterOptions>

  constructor(options: ClusterOptions = {}) {
    this.#options = { slots: 64, pollMs: 1_000, ...options }
  }

  static async of(hosts: readonly string[], options: ClusterOptions = {}): Promise<Cluster> {
    const cluster = new Cluster(options)
    for (const host of hosts) await cluster.start(host)
    return cluster
  }

  async start(hostname: string): Promise<void> {
    const life = new AbortController()
    const ice = new Ice()
    const gate = new Gate()
    const clock = frozenClock(this.clock.ofProcess(life.signal), ice)
    const store = frozenStore(
      gate.open(this.disk, life.signal, () => this.kill(hostname)),
      ice,
    )
    const onError = (where: string, error: unknown): unknown => this.errors.push({ where, error })
    const membership = await Membership.join({
      nodes: store.nodes,
      clock,
      node: { hostname, pid: 1, version: '1' },
      newId: () => this.chance.id('nod'),
      times: LEASE_TIMES,
      wall: () => clock.now(),
      onError,
    })
    const nudge = new NudgeRelay()
    const ctx: Context = {
      store,
      projects: new KnownProjects(store, clock),
      clock,
      chance: this.chance,
      events: { publish() {} },
      nudge,
      blobs: new MemoryBlobs(),
      logNews: new NewsBoard(clock),
      waiting: new WaitingAgents(clock),
      runTokens: new RunTokens('secret'),
      limits: COMMAND_LIMITS,
      mayCall: () => true,
      refusalOfRule,
      mayCallHint: '',
      onStale: (count) => this.stale.set(hostname, (this.stale.get(hostname) ?? 0) + count),
    }
    const ways = [this.outside.dispatcher(clock), this.outside.notifier(clock)] as const
    const engine = new Engine(ctx, nudge, membership, ...ways, {
      ...this.#options,
      retentionDays: 30,
      drainTimeoutMs: 30_000,
      plannerBatch: 500,
      courier: COURIER_DEFAULTS,
      onError,
    })
    engine.start()
    this.#members.set(hostname, { membership, engine, ctx, gate, ice, life })
    await this.#settled()
  }

  node(hostname: string): Member {
    const member = this.#members.get(hostname)
    assert.ok(member !== undefined, `no node on ${hostname}`)
    return member
  }

  /** As kill -9 would. */
  kill(hostname: string): void {
    this.node(hostname).life.abort()
    this.#members.delete(hostname)
  }

  /** As SIGSTOP would. */
  freeze(hostname: string): void {
    this.node(hostname).ice.frozen = true
  }

  /** As SIGCONT would. */
  async thaw(hostname: string): Promise<void> {
    this.node(hostname).ice.thaw()
    await this.#settled()
  }

  /** Its store is away, not that of the others. */
  cut(hostname: string, away = true): void {
    this.node(hostname).gate.away = away
  }

  /** As SIGTERM would; time passes while it drains. */
  async stop(hostname: string): Promise<void> {
    let ended = false
    const end = this.node(hostname).engine[Symbol.asyncDispose]()
    void end.then(() => {
      ended = true
    })
    await this.#settled()
    while (!ended) await this.advance(100)
    this.kill(hostname)
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms, () => this.#settled())
    await this.#settled()
  }

  /** A job that is due every minute and has a target of its own, unless said otherwise. */
  async job(name: string, draft: Partial<JobDraft> = {}): Promise<string> {
    const [member] = this.#members.values()
    assert.ok(member !== undefined)
    const whole: JobDraft = {
      name,
      schedule: { every: '1m' },
      target: { http: { url: `http://${name}.test/` } },
      ...draft,
    }
    const { job } = await createJob(member.ctx, WHO, whole)
    await this.#settled()
    return job.id
  }

  async runs(jobId: string): Promise<Run[]> {
    return (await this.disk.runs.ledger(jobId, 0, Number.MAX_SAFE_INTEGER, 100_000)).runs
  }

  attempts(runId: string): Promise<Attempt[]> {
    return this.disk.runs.attempts(runId)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of [...this.#members.keys()]) this.kill(host)
    await this.disk[Symbol.asyncDispose]()
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve))
  }
}

function frozenClock(clock: Clock, ice: Ice): Clock {
  return { ...clock, after: (ms, callback) => clock.after(ms, () => ice.hear(callback)) }
}

function frozenStore(store: Store, ice: Ice): Store {
  const groups = Object.entries(store).map(([name, part]) => {
    if (typeof part !== 'object' || name === 'hints') return [name, part]
    return [name, new Proxy(part as object, { get: (target, method) => frozen(target, method, ice) })]
  })
  return { ...store, ...Object.fromEntries(groups) } as Store
}

function frozen(target: object, name: string | symbol, ice: Ice): unknown {
  const method = Reflect.get(target, name)
  if (typeof method !== 'function') return method
  return (...values: unknown[]) =>
    new Promise((resolve, reject) => {
      const answer = method.apply(target, values) as Promise<unknown>
      answer.then(
        (value) => ice.hear(() => resolve(value)),
        (error: unknown) => ice.hear(() => reject(error)),
      )
    })
}
