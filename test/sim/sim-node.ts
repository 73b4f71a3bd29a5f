// A node: the real engine and commands in one process after another. Whatever ends a process, a supervisor starts the
// next one, with an identity of its own.

import { NewsBoard } from '../../src/adapters/system/news-board.ts'
import { StoreClock } from '../../src/adapters/system/store-clock.ts'
import { COMMAND_LIMITS, type Context } from '../../src/commands/context.ts'
import { KnownProjects } from '../../src/commands/known-projects.ts'
import { RunTokens } from '../../src/commands/run-token.ts'
import { WaitingAgents } from '../../src/commands/waiting-agents.ts'
import { refusalOfRule } from '../../src/dispatch/project-guards.ts'
import { COURIER_DEFAULTS } from '../../src/engine/courier.ts'
import { Membership } from '../../src/engine/membership.ts'
import { Engine, NudgeRelay } from '../../src/main/engine.ts'
import type { Chance } from '../../src/ports/chance.ts'
import { type Store, StoreUnavailable } from '../../src/ports/store.ts'
import { MemoryBlobs } from '../support/memory-blobs.ts'
import type { Coverage } from './coverage.ts'
import type { Dice } from './dice.ts'
import type { FaultLog } from './fault-log.ts'
import type { Outside } from './outside.ts'
import type { SimOptions } from './sim-options.ts'
import { SimProcess } from './sim-process.ts'
import { StorePath, type StorePathParts } from './store-path.ts'
import type { Timeline } from './timeline.ts'
import type { Trace } from './trace.ts'

export type NodeParts = {
  readonly timeline: Timeline
  readonly trace: Trace
  readonly coverage: Coverage
  readonly dice: Dice
  readonly chance: Chance
  readonly store: Store
  readonly path: StorePathParts
  readonly outside: Outside
  readonly options: SimOptions
  readonly faultLog: FaultLog
  /** Something the product itself calls a defect. */
  readonly onDefect: (what: string) => void
}

type Running = { readonly process: SimProcess; readonly ctx: Context; readonly engine: Engine }

const DRAIN_TIMEOUT_MS = 10_000
const RETENTION_DAYS = 30
/** How long a supervisor takes to start a process that has ended. */
const STOPPED = 'stopped'
const RESTART_MS = [200, 8_000] as const

export class SimNode {
  readonly name: string
  /** Wall clock of this node against the store's. */
  skewMs = 0
  /** A longer time until the next start, once. */
  downMs = 0
  readonly #parts: NodeParts
  #process: SimProcess | null = null
  #running: Running | null = null
  readonly #blobs = new MemoryBlobs()
  #starts = 0

  constructor(name: string, parts: NodeParts) {
    this.name = name
    this.#parts = parts
  }

  /** null: it is down, or not up yet. */
  get process(): SimProcess | null {
    return this.#process
  }

  /** Where requests go; null: nobody answers here. */
  get server(): { readonly process: SimProcess; readonly ctx: Context } | null {
    return this.#running
  }

  start(): void {
    const { timeline, path } = this.#parts
    if (this.#process !== null) return
    this.#starts += 1
    const name = `${this.name}.${this.#starts}`
    const wall = (): number => path.storeNow() + this.skewMs
    const process: SimProcess = new SimProcess(name, timeline, wall, (why) => this.#died(process, why))
    this.#process = process
    this.#note('starts')
    const store = new StorePath(path, this.name, process).open(this.#parts.store)
    this.#serve(process, store).catch((error: unknown) => {
      if (!(error instanceof StoreUnavailable)) this.#parts.onDefect(`${name} does not start: ${error}`)
      process.die('could not start')
    })
  }

  kill(why: string): void {
    this.#process?.die(why)
  }

  /** SIGTERM: it drains, then it is gone. */
  stop(): void {
    const running = this.#running
    if (running === null) return
    this.#running = null
    this.#note('is asked to stop')
    this.#parts.faultLog.note('stop', this.name, DRAIN_TIMEOUT_MS)
    running.engine[Symbol.asyncDispose]()
      .catch(() => {})
      .then(() => running.process.die(STOPPED))
  }

  async #serve(process: SimProcess, store: Store): Promise<void> {
    const { chance, outside, options, onDefect } = this.#parts
    const { lease, slots, plannerBatch, pollMs } = options
    const onError = (where: string, error: unknown): void => {
      if (!(error instanceof StoreUnavailable)) onDefect(`${process.name}, ${where}: ${error}`)
    }
    const clock = new StoreClock(process.clock)
    const membership = await Membership.join({
      nodes: store.nodes,
      clock,
      node: { hostname: this.name, pid: this.#starts, version: '1' },
      newId: () => chance.id('nod'),
      times: lease,
      wall: process.clock.now,
      onTime: (at, monotonic, roundTripMs) => clock.set(at, monotonic, roundTripMs),
      onError,
    })
    const nudge = new NudgeRelay()
    const ctx: Context = {
      store,
      projects: new KnownProjects(store, clock),
      clock,
      chance,
      events: { publish() {} },
      nudge,
      blobs: this.#blobs,
      logNews: new NewsBoard(clock),
      limits: COMMAND_LIMITS,
      mayCall: () => true,
      refusalOfRule,
      mayCallHint: '',
      waiting: new WaitingAgents(clock),
      runTokens: new RunTokens('secret'),
    }
    const engine = new Engine(
      ctx,
      nudge,
      membership,
      outside.dispatcher(process),
      outside.notifier(process),
      {
        slots,
        plannerBatch,
        pollMs,
        courier: COURIER_DEFAULTS,
        retentionDays: RETENTION_DAYS,
        drainTimeoutMs: DRAIN_TIMEOUT_MS,
        onError,
        onLapse: () => this.#parts.coverage.count('leases lapsed'),
      },
    )
    engine.start()
    this.#running = { process, ctx, engine }
  }

  #died(process: SimProcess, why: string): void {
    if (this.#process !== process) return
    this.#note(`dies: ${why}`)
    this.#process = null
    this.#running = null
    const { timeline, dice, faultLog } = this.#parts
    const downMs = this.downMs + dice.ms(...RESTART_MS)
    faultLog.note(why === STOPPED ? 'stop' : 'kill', this.name, downMs)
    timeline.after(downMs, () => this.start())
    this.downMs = 0
  }

  #note(what: string): void {
    this.#parts.trace.note(this.#parts.timeline.now, this.name, what)
  }
}
