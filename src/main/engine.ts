// What time asks for, put together: the loops of one node around its store, and the order in which they end.

import { Runner } from '../agent/runner.ts'
import type { Context, Nudge } from '../commands/context.ts'
import { archivistTick } from '../engine/archivist.ts'
import { Courier, type CourierOptions } from '../engine/courier.ts'
import { Loop, type Rest, type Tick } from '../engine/loop.ts'
import type { Membership } from '../engine/membership.ts'
import { notaryTick } from '../engine/notary.ts'
import { OutsideKeeper, tellReplaced } from '../engine/outside-keeper.ts'
import { plannerTick, type Slots } from '../engine/planner.ts'
import { Porter } from '../engine/porter.ts'
import { reaperTick } from '../engine/reaper.ts'
import { sweeperTick } from '../engine/sweeper.ts'
import { TIMER_MAX_MS } from '../ports/clock.ts'
import type { Dispatcher, Notifier, StopTeller } from '../ports/dispatcher.ts'
import type { Hints } from '../ports/store.ts'
import { localWorkSource } from './local-work-source.ts'
import { memoryRoom } from './memory-room.ts'

export type EngineOptions = {
  readonly slots: number
  readonly memoryLimitBytes?: number
  readonly plannerBatch: number
  readonly pollMs: number
  readonly courier: CourierOptions
  readonly retentionDays: number
  readonly drainTimeoutMs: number
  /** Tells those outside that a run is to stop. Default: there is nobody to tell. */
  readonly stopTeller?: StopTeller
  /** How often what was handed over is looked at for silence. Default: at each poll. */
  readonly outsideLookMs?: number
  readonly onError: (where: string, error: unknown) => void
  /** The node lost its lease; all it had under way has been stopped. */
  readonly onLapse?: (nodeId: string) => void
  readonly onDraining?: (draining: boolean) => void
  /** Something is due within half a minute: whoever must get ready for it does so now. */
  readonly onSoon?: () => void
}

const REAPER_BATCH = 500
/** Without a bus: whoever works on a message is told, and listened for, by a server that has one. */
const NOBODY: StopTeller = {
  tellStop: async ({ spec }) => spec.target.message === undefined,
  listening: () => 'elsewhere',
}
/** Long enough for a thread to begin. */
export const SOON_MS = 30_000
const SWEEPER_BATCH = 2_000
const SWEEP_EVERY_MS = 60_000
const NOTARY_EVERY_MS = 1_000
const ARCHIVE_EVERY_MS = 30_000

/**
 * Filled in when the engine exists: commands are composed before the loops they nudge. What is said to the own loops is
 * said to those of other nodes too.
 */
export class NudgeRelay implements Nudge {
  #target: Nudge | null = null
  #hints: Hints | null = null

  connect(target: Nudge, hints: Hints): void {
    this.#target = target
    this.#hints = hints
  }

  planner(): void {
    this.#target?.planner()
    this.#hints?.tell({ loop: 'planner', stop: [] })
  }

  runner(stop: readonly string[] = []): void {
    this.#target?.runner(stop)
    this.#hints?.tell({ loop: 'runner', stop })
  }

  courier(): void {
    this.#target?.courier()
    this.#hints?.tell({ loop: 'courier', stop: [] })
  }

  node(): void {
    this.#target?.node()
    this.#hints?.tell({ loop: 'node', stop: [] })
  }
}

export class Engine implements AsyncDisposable {
  readonly runner: Runner
  readonly #membership: Membership
  readonly #options: EngineOptions
  readonly #membershipLoop: Loop
  readonly #planner: Loop
  readonly #runnerLoop: Loop
  readonly #courier: Courier
  readonly #courierLoop: Loop
  readonly #porterLoop: Loop
  readonly #outsideLoop: Loop
  readonly #keepers: readonly Loop[]
  readonly #deaf: () => void

  /** `membership`: this node, registered already. */
  constructor(
    ctx: Context,
    nudge: NudgeRelay,
    membership: Membership,
    dispatcher: Dispatcher,
    notifier: Notifier,
    options: EngineOptions,
  ) {
    this.#membership = membership
    this.#options = options
    const { onError, pollMs } = options
    const loop = (name: string, pollMs: number, tick: Tick): Loop =>
      new Loop({ name, clock: ctx.clock, pollMs, onError, tick })

    this.#membershipLoop = loop('lease', TIMER_MAX_MS, () => membership.tick())
    this.runner = new Runner({
      source: localWorkSource(ctx, membership),
      dispatcher,
      clock: ctx.clock,
      slots: options.slots,
      room: memoryRoom(options.memoryLimitBytes ?? 0),
      nudge: () => this.#runnerLoop.nudge(),
      onDefect: (error) => onError('dispatch', error),
    })
    const planning = {
      batch: options.plannerBatch,
      onFailure: (jobId: string, error: unknown) => onError(`plan of ${jobId}`, error),
    }
    const teller = options.stopTeller ?? NOBODY
    const replaced = (stop: readonly string[]): void => {
      if (options.stopTeller === undefined || stop.length === 0) return
      tellReplaced(ctx, teller, stop).catch((error) => onError('replaced runs', error))
    }
    const { runner } = this
    const slots: Slots = {
      get nodeId() {
        return runner.nodeId
      },
      free: () => runner.free(),
      lease: (ask) => runner.lease(ask),
      drop: (runIds) => {
        runner.drop(runIds)
        replaced(runIds)
      },
    }
    // Who rests longer than that looks again when it is due.
    const soonMs = Math.max(SOON_MS, pollMs)
    const foretold = (rest: Rest): Rest => {
      if (rest !== null && rest < soonMs) options.onSoon?.()
      return rest
    }
    this.#planner = loop('planner', pollMs, async () => foretold(await plannerTick(ctx, slots, planning)))
    this.#runnerLoop = loop('runner', pollMs, async () => {
      const rest = foretold(await this.runner.tick())
      // What is due may have waited for a slot.
      this.#planner.nudge()
      return rest
    })
    this.#courier = new Courier(ctx, options.courier, {
      notifier,
      lease: membership,
      nudge: () => this.#courierLoop.nudge(),
      onDefect: (error) => onError('notify', error),
    })
    this.#courierLoop = loop('courier', pollMs, () => this.#courier.tick())
    const retention = { defaultDays: options.retentionDays }
    const porter = new Porter(ctx)
    this.#porterLoop = loop('porter', pollMs, () => porter.tick())
    const { outsideLookMs = pollMs } = options
    const outsidePollMs = Math.min(pollMs, outsideLookMs)
    const outside = new OutsideKeeper(ctx, teller, {
      batch: REAPER_BATCH,
      pollMs: outsidePollMs,
      lookEveryMs: outsideLookMs > pollMs ? outsideLookMs : 0,
    })
    this.#outsideLoop = loop('outside', outsidePollMs, () => outside.tick())
    this.#keepers = [
      this.#porterLoop,
      this.#outsideLoop,
      loop('reaper', pollMs, () => reaperTick(ctx, REAPER_BATCH)),
      loop('archivist', ARCHIVE_EVERY_MS, () =>
        archivistTick(ctx, (what, error) => onError(`archivist: ${what}`, error)),
      ),
      loop('notary', NOTARY_EVERY_MS, () => notaryTick(ctx)),
      loop('sweeper', SWEEP_EVERY_MS, () => sweeperTick(ctx, retention, SWEEPER_BATCH)),
    ]
    const loops: Nudge = {
      planner: () => this.#planner.nudge(),
      runner: (stop = []) => {
        this.runner.drop(stop)
        this.#runnerLoop.nudge()
        this.#porterLoop.nudge()
        this.#outsideLoop.nudge()
      },
      courier: () => this.#courierLoop.nudge(),
      node: () => this.#membershipLoop.nudge(),
    }
    const own: Nudge = {
      ...loops,
      runner: (stop = []) => {
        loops.runner(stop)
        replaced(stop)
      },
    }
    nudge.connect(own, ctx.store.hints)
    this.#deaf = ctx.store.hints.listen(({ loop, stop }) => loops[loop](stop))
    membership.connect({
      onLapse: (nodeId) => {
        this.runner.breakOff()
        this.#courier.breakOff()
        this.#membershipLoop.nudge()
        options.onLapse?.(nodeId)
      },
      onDraining: (draining) => {
        this.setDraining(draining)
        options.onDraining?.(draining)
      },
    })
  }

  start(): void {
    const workers = [this.#planner, this.#runnerLoop, this.#courierLoop]
    for (const loop of [this.#membershipLoop, ...this.#keepers, ...workers]) loop.start()
  }

  /** While true nothing new is taken; what is under way goes on. */
  setDraining(draining: boolean): void {
    this.runner.setDraining(draining)
    this.#courier.setDraining(draining)
    this.#runnerLoop.nudge()
    this.#courierLoop.nudge()
  }

  /**
   * No new work, then what is under way may end, then what is left is given back. A step that fails, as with a full
   * disk, does not keep the others from their end.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await using end = new AsyncDisposableStack()
    const { drainTimeoutMs } = this.#options
    end.defer(() => this.#membership.leave())
    end.use(this.#membershipLoop)
    for (const loop of this.#keepers) end.use(loop)
    end.defer(() => this.#courier.stop())
    end.use(this.#courierLoop)
    end.use(this.#runnerLoop)
    end.defer(() => this.runner.drain(drainTimeoutMs))
    end.use(this.#planner)
    end.defer(this.#deaf)
  }
}
