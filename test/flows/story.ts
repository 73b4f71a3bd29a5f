// A server in a story: the real engine, commands and store (SQLite in memory) around a clock held by hand and an
// outside that follows a script. It can be killed and started again on the same store.

import assert from 'node:assert/strict'
import type { InProcessBroker } from '../../src/adapters/in-process-bus/in-process-bus.ts'
import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import { KeyRing, makeSealingKey } from '../../src/adapters/system/key-ring.ts'
import { NewsBoard } from '../../src/adapters/system/news-board.ts'
import { refusalOnBus } from '../../src/commands/bus-name.ts'
import { BusRoom } from '../../src/commands/bus-room.ts'
import { COMMAND_LIMITS, type Context } from '../../src/commands/context.ts'
import { type CreatedJob, createJob } from '../../src/commands/create-job.ts'
import type { JobDraft } from '../../src/commands/job-draft.ts'
import { KnownProjects } from '../../src/commands/known-projects.ts'
import { RunTokens } from '../../src/commands/run-token.ts'
import { WaitingAgents } from '../../src/commands/waiting-agents.ts'
import { dispatchByKind } from '../../src/dispatch/by-kind.ts'
import { MessageDispatcher } from '../../src/dispatch/message/message-dispatcher.ts'
import { refusalOfRule } from '../../src/dispatch/project-guards.ts'
import type { Principal } from '../../src/domain/api-key.ts'
import type { Attempt } from '../../src/domain/attempt.ts'
import type { Effect } from '../../src/domain/effect.ts'
import type { Gap } from '../../src/domain/gap.ts'
import type { Run } from '../../src/domain/run.ts'
import { COURIER_DEFAULTS } from '../../src/engine/courier.ts'
import { Membership, SOLE_LEASE_TIMES } from '../../src/engine/membership.ts'
import { BusIntake } from '../../src/main/bus-intake.ts'
import { Engine, NudgeRelay } from '../../src/main/engine.ts'
import type { Chance } from '../../src/ports/chance.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { StopTeller } from '../../src/ports/dispatcher.ts'
import type { Store } from '../../src/ports/store.ts'
import { seededChance } from '../contracts/world.ts'
import { HandClock } from '../support/hand-clock.ts'
import { checkLedger } from '../support/ledger-check.ts'
import { MemoryBlobs } from '../support/memory-blobs.ts'
import { type CrashPoint, Gate } from './gated-store.ts'
import { Outside } from './scripted-world.ts'

export const T0 = Date.UTC(2030, 0, 1)
export const SECOND = 1_000
export const MINUTE = 60_000
export const HOUR = 3_600_000
export const DAY = 86_400_000

export const WHO: Principal = { id: 'key_story', name: 'anna', scopes: ['admin'], projectIds: null }

export type StoryOptions = {
  readonly pollMs?: number
  readonly slots?: number
  readonly retentionDays?: number
  readonly drainTimeoutMs?: number
  /** A process that dies is started again at once. */
  readonly restarts?: boolean
  /** Where the first process dies, if it is to. */
  readonly crashAt?: CrashPoint | null
  /** The message bus, which outlives every process. */
  readonly broker?: InProcessBroker | null
  /** How often what was handed over is looked at; null: at each poll. */
  readonly outsideLookMs?: number | null
  /** Jobs of Simple Scheduler that a project may have; null: no bound. */
  readonly busJobsPerProject?: number | null
  /** The clock of the whole story, where something outside goes by it too. */
  readonly clock?: HandClock
}

type Request = (ctx: Context, who: Principal) => Promise<unknown>

type Process = {
  readonly membership: Membership
  readonly ctx: Context
  readonly engine: Engine
  readonly clock: Clock
  readonly intake: BusIntake | null
}

const DIED = Symbol('died')

export class Story implements AsyncDisposable {
  readonly clock: HandClock
  readonly outside = new Outside()
  readonly gate = new Gate()
  readonly chance: Chance = seededChance()
  /** The data itself, which no process takes along when it dies. */
  readonly disk: Store = openSqliteStore({ path: ':memory:', chance: this.chance })
  readonly blobs = new MemoryBlobs()
  /** What came from the bus and was ignored. */
  readonly ignored: string[] = []
  /** What loops could not do, by loop. */
  readonly errors: { where: string; error: unknown }[] = []
  readonly #options: Required<StoryOptions>
  readonly #vault = new KeyRing([makeSealingKey()])
  readonly #jobIds = new Map<string, string>()
  #process: Process | null = null
  #life = new AbortController()
  #died: Promise<typeof DIED> = Promise.resolve(DIED)
  restarts = 0

  private constructor(options: StoryOptions) {
    const defaults = {
      pollMs: 5_000,
      slots: 64,
      retentionDays: 30,
      drainTimeoutMs: 30_000,
      restarts: false,
      crashAt: null,
      broker: null,
      outsideLookMs: null,
      busJobsPerProject: null,
      clock: new HandClock(T0),
    }
    this.#options = { ...defaults, ...options }
    this.clock = this.#options.clock
    this.gate.crashAt = this.#options.crashAt
  }

  static async begin(options: StoryOptions = {}): Promise<Story> {
    const story = new Story(options)
    await story.start()
    return story
  }

  get nodeId(): string {
    return this.#alive().membership.nodeId
  }

  get ctx(): Context {
    return this.#alive().ctx
  }

  /** Starts a server on the data as they are, as a process of its own. `first` is asked before its loops run. */
  async start(first?: Request): Promise<void> {
    for (;;) {
      const life = new AbortController()
      this.#life = life
      this.#died = new Promise((resolve) => life.signal.addEventListener('abort', () => resolve(DIED)))
      const clock = this.clock.ofProcess(life.signal)
      const store = this.gate.open(this.disk, life.signal, () => this.kill())
      const started = this.#startProcess(store, clock, first)
      if ((await Promise.race([started, this.#died])) !== DIED) break
      this.restarts += 1
    }
    await this.#settled()
  }

  async #startProcess(store: Store, clock: Clock, first?: Request): Promise<void> {
    const onError = (where: string, error: unknown): unknown => this.errors.push({ where, error })
    const membership = await Membership.join({
      nodes: store.nodes,
      clock,
      node: { hostname: 'host', pid: 1, version: '1', sole: true },
      newId: () => this.chance.id('nod'),
      times: SOLE_LEASE_TIMES,
      wall: () => clock.now(),
      onError,
    })
    const nudge = new NudgeRelay()
    const { busJobsPerProject } = this.#options
    const ctx: Context = {
      store,
      ...(busJobsPerProject === null ? {} : { busRoom: new BusRoom(busJobsPerProject) }),
      projects: new KnownProjects(store, clock),
      blobs: this.blobs,
      logNews: new NewsBoard(clock),
      clock,
      chance: this.chance,
      events: { publish() {} },
      nudge,
      waiting: new WaitingAgents(clock),
      vault: this.#vault,
      runTokens: new RunTokens('secret'),
      limits: COMMAND_LIMITS,
      mayCall: () => true,
      refusalOfRule,
      mayCallHint: '',
    }
    const { pollMs, slots, retentionDays, drainTimeoutMs } = this.#options
    const { broker, outsideLookMs } = this.#options
    const bus = broker?.open() ?? null
    const messages =
      bus === null
        ? null
        : new MessageDispatcher({
            bus,
            clock,
            mayLeave: () => membership.holds(),
            refusal: (run) => refusalOnBus(ctx, run),
          })
    const http = this.outside.dispatcher(clock)
    const dispatcher = messages === null ? http : dispatchByKind({ http, message: messages })
    const ways = [dispatcher, this.outside.notifier(clock)] as const
    let intake: BusIntake | null = null
    const stopTeller: StopTeller | null =
      messages === null
        ? null
        : {
            tellStop: (work, signal) => messages.tellStop(work, signal),
            listening: (work) => intake?.listening(work) ?? 'deaf',
          }
    const engine = new Engine(ctx, nudge, membership, ...ways, {
      slots,
      pollMs,
      retentionDays,
      drainTimeoutMs,
      ...(stopTeller === null ? {} : { stopTeller }),
      ...(outsideLookMs === null ? {} : { outsideLookMs }),
      plannerBatch: 500,
      courier: COURIER_DEFAULTS,
      onError,
    })
    await first?.(ctx, WHO)
    if (bus !== null) {
      intake = new BusIntake({
        ctx,
        bus,
        membership,
        refreshMs: 10_000,
        jobsMax: 0,
        log: { dropped: (word, why) => this.ignored.push(`${word.says}: ${why}`), dead() {} },
        onError,
      })
    }
    engine.start()
    this.#process = { membership, ctx, engine, clock, intake }
  }

  /** As kill -9 would. */
  kill(): void {
    this.#life.abort()
    this.#process = null
  }

  /** As SIGTERM would; time passes while it drains. Throws what the server could not do on its way out. */
  async stop(): Promise<void> {
    const { engine, intake } = this.#alive()
    await intake?.[Symbol.asyncDispose]()
    let end: { error?: unknown } | null = null
    engine[Symbol.asyncDispose]().then(
      () => {
        end = {}
      },
      (error: unknown) => {
        end = { error }
      },
    )
    await this.#settled()
    for (let waited = 0; end === null && waited <= this.#options.drainTimeoutMs; waited += 100) {
      await this.advance(100)
    }
    assert.ok(end !== null, 'the server did not stop within its drain timeout')
    const { error } = end as { error?: unknown }
    if (error !== undefined) throw error
    this.#process = null
  }

  /** Nothing of the old process goes on, although its stop failed. */
  async hasStopped(): Promise<void> {
    const errors = this.errors.length
    assert.equal(this.clock.waiting, 0, 'something of it still waits for its time')
    await this.advance(MINUTE)
    assert.equal(this.errors.length, errors, 'a loop of it still runs')
    this.kill()
  }

  /** Killed, and started again after so long. */
  async down(ms: number): Promise<void> {
    this.kill()
    await this.clock.advance(ms, async () => {})
    await this.start()
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms, () => this.#settled())
    await this.#settled()
  }

  /** A request to the server. One that dies over it is asked again once it is back, as a careful client does. */
  async ask<Answer>(act: (ctx: Context, who: Principal) => Promise<Answer>): Promise<Answer> {
    for (;;) {
      const died = this.#died
      const answer = await Promise.race([act(this.#alive().ctx, WHO), died])
      if (answer !== DIED) {
        await this.#settled()
        return answer as Answer
      }
      await this.#settled()
    }
  }

  /** A job that is due every minute and has a target of its own, unless said otherwise. */
  async job(name: string, draft: Partial<JobDraft> = {}): Promise<CreatedJob> {
    const whole: JobDraft = {
      name,
      schedule: { every: '1m' },
      target: { http: { url: `http://${name}.test/` } },
      ...draft,
    }
    const mark = { key: `create ${name} ${this.#jobIds.size}`, hash: name }
    const created = await this.ask((ctx, who) => createJob(ctx, who, whole, mark))
    this.#jobIds.set(name, created.job.id)
    return created
  }

  jobId(name: string): string {
    const id = this.#jobIds.get(name)
    assert.ok(id !== undefined, `no job ${name} in this story`)
    return id
  }

  async entries(name: string): Promise<{ runs: Run[]; gaps: Gap[] }> {
    return this.disk.runs.ledger(this.jobId(name), 0, Number.MAX_SAFE_INTEGER, 100_000)
  }

  /** The runs of a job, by due instant. */
  async runs(name: string): Promise<Run[]> {
    return (await this.entries(name)).runs
  }

  async run(id: string): Promise<Run> {
    const run = await this.disk.runs.get(id)
    assert.ok(run !== null, `run ${id} is gone`)
    return run
  }

  attempts(runId: string): Promise<Attempt[]> {
    return this.disk.runs.attempts(runId)
  }

  /** The ledger of a job in short: "+60s succeeded", "+120s..+300s 4 missed superseded". */
  async book(name: string): Promise<string[]> {
    const { runs, gaps } = await this.entries(name)
    const lines = [
      ...runs.map((run) => ({ at: run.dueAt, line: lineOf(run) })),
      ...gaps.map((gap) => ({ at: gap.from, line: lineOfGap(gap) })),
    ]
    return lines.sort((a, b) => a.at - b.at).map(({ line }) => line)
  }

  /** Every instant of `due` has exactly one entry, and there is no other. */
  async isComplete(name: string, due: readonly number[]): Promise<void> {
    assert.deepEqual(checkLedger(due, await this.entries(name)), [])
  }

  async effects(): Promise<readonly Effect[]> {
    return (await this.disk.outbox.list({}, { limit: 500 })).items
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill()
    await this.disk[Symbol.asyncDispose]()
  }

  #alive(): Process {
    assert.ok(this.#process !== null, 'the server is down')
    return this.#process
  }

  /** Everything that follows from what has happened has happened. */
  async #settled(): Promise<void> {
    await new Promise(setImmediate)
    if (this.#process !== null || !this.#options.restarts) return
    this.restarts += 1
    await this.start()
  }
}

/** "+90s": so long after the story began. */
export function since(at: number): string {
  return `${at < T0 ? '' : '+'}${(at - T0) / SECOND}s`
}

function lineOf(run: Run): string {
  const words: unknown[] = [since(run.dueAt), run.status]
  if ('reason' in run && run.reason !== null) words.push(run.reason)
  if (run.attempts > 1) words.push(`x${run.attempts}`)
  if (run.late && run.attempts > 0) words.push('late')
  if (run.trigger !== 'schedule') words.push(run.trigger)
  return words.join(' ')
}

function lineOfGap({ from, to, count, status, reason }: Gap): string {
  return `${since(from)}..${since(to)} ${count} ${status} ${reason}`
}
