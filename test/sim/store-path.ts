// The way from a process to the store: it takes time, is cut, loses answers of what was committed, and it is where a
// process dies between two steps. The store's own clock decides, as the database's does in a cluster.

import { type Store, StoreUnavailable } from '../../src/ports/store.ts'
import type { Coverage } from './coverage.ts'
import type { Dice } from './dice.ts'
import type { Rumour } from './rumour.ts'
import { type CrashPoint, never, type SimProcess } from './sim-process.ts'
import { isRead, withStoreTime } from './store-steps.ts'
import type { Timeline } from './timeline.ts'
import type { Trace } from './trace.ts'

/** How a way is cut: each call is refused at once, or gets no answer. */
export type Cut = 'refused' | 'silent'

/** What the ways to the store are like now. Faults change it, processes suffer it. */
export class Weather {
  /** The store itself is away, for everybody. */
  away: Cut | null = null
  /** By name of the node. */
  readonly cut = new Map<string, Cut>()
  /** Share of writing steps whose answer is lost after they were committed. */
  lostAnswers = 0
  /** Milliseconds there and back, from and to; null: no time at all. */
  latency: readonly [number, number] | null = null

  clear(latency: Weather['latency']): void {
    this.away = null
    this.cut.clear()
    this.lostAnswers = 0
    this.latency = latency
  }

  cutOf(node: string): Cut | null {
    return this.away ?? this.cut.get(node) ?? null
  }
}

/** Told of every step that the store has carried out, whoever lives to hear of it. */
export type Observer = (step: {
  readonly node: string
  readonly name: string
  readonly args: readonly unknown[]
  readonly now: number
  readonly result: unknown
}) => void

export type StorePathParts = {
  readonly timeline: Timeline
  readonly trace: Trace
  readonly coverage: Coverage
  readonly weather: Weather
  readonly dice: Dice
  readonly rumour: Rumour
  /** The clock of the store. */
  readonly storeNow: () => number
  readonly observe: Observer
  readonly onDefect: (what: string) => void
}

/** Whoever waits longer for an answer gives up. */
export const CALL_TIMEOUT_MS = 3_000
const REFUSED_AFTER_MS = 2
const SLOW_MS = 20

export class StorePath {
  readonly #parts: StorePathParts
  readonly #node: string
  readonly #process: SimProcess

  constructor(parts: StorePathParts, node: string, process: SimProcess) {
    this.#parts = parts
    this.#node = node
    this.#process = process
  }

  open(store: Store): Store {
    const groups = Object.entries(store).map(([group, part]) => [group, this.#group(group, part as object)])
    const hints = this.#parts.rumour.of(this.#process)
    // It goes around steps, which take this way themselves.
    const { audit } = store
    return { ...Object.fromEntries(groups), audit, hints, [Symbol.asyncDispose]: async () => {} } as Store
  }

  #group(group: string, part: object): object {
    const known = new Map<string | symbol, unknown>()
    return new Proxy(part, {
      get: (target, name) => {
        if (known.has(name)) return known.get(name)
        const method = Reflect.get(target, name)
        if (typeof name !== 'string' || typeof method !== 'function') return method
        const act = (args: readonly unknown[]): Promise<unknown> => method.apply(target, args)
        const step = (...args: unknown[]): Promise<unknown> => this.#call(`${group}.${name}`, args, act)
        known.set(name, step)
        return step
      },
    })
  }

  async #call(
    name: string,
    args: unknown[],
    act: (args: readonly unknown[]) => Promise<unknown>,
  ): Promise<unknown> {
    const process = this.#process
    if (process.isDead) return never()
    if (!this.#parts.timeline.mayStep()) {
      this.#parts.onDefect(`${process.name} asks for ${name} again and again without resting`)
      process.die('it never rests')
      return never()
    }
    const { dice, weather, coverage } = this.#parts
    const read = isRead(name)
    const crash = read ? null : this.#crashHere()
    if (crash?.when === 'before') {
      process.die(`before ${name}`)
      return never()
    }
    const travel = this.#travel(read)
    await this.#mayGo(name)
    if (travel > 0) await this.#parts.timeline.sleep(read ? travel : travel / 2)
    // What was under way when the way was cut did not arrive.
    await this.#mayGo(name)
    const { result, error } = await this.#carryOut(name, args, act)
    if (crash !== null && crash.pauseMs !== null) this.#standStill(crash.pauseMs)
    else if (crash !== null) {
      process.die(`after ${name}`)
      return never()
    }
    if (!read && error === undefined && weather.lostAnswers > 0 && dice.chance(weather.lostAnswers)) {
      coverage.count('answers of the store lost')
      this.#parts.trace.note(this.#parts.timeline.now, process.name, `never hears of ${name}`)
      await process.comesBack(dice.chance(0.5) ? REFUSED_AFTER_MS : CALL_TIMEOUT_MS)
      throw new StoreUnavailable('the connection broke')
    }
    await process.comesBack(read ? 0 : travel / 2)
    if (error !== undefined) throw error
    return result
  }

  /** There and back. Most reads are taken to come at once while all is well: there are many of them. */
  #travel(read: boolean): number {
    const { dice, weather } = this.#parts
    if (weather.latency === null) return 0
    const [least, most] = weather.latency
    if (read && most < SLOW_MS && !dice.chance(0.1)) return 0
    return least + (most - least) * dice.next() ** 3
  }

  /** Passes, or fails when the store cannot be reached. */
  async #mayGo(name: string): Promise<void> {
    const cut = this.#parts.weather.cutOf(this.#node)
    if (cut === null) return
    this.#parts.coverage.count('steps that did not reach the store')
    this.#parts.trace.note(this.#parts.timeline.now, this.#process.name, `cannot ${name}`)
    await this.#process.comesBack(cut === 'refused' ? REFUSED_AFTER_MS : CALL_TIMEOUT_MS)
    throw new StoreUnavailable('the store cannot be reached')
  }

  async #carryOut(
    name: string,
    args: unknown[],
    act: (args: readonly unknown[]) => Promise<unknown>,
  ): Promise<{ result?: unknown; error?: unknown }> {
    const now = this.#parts.storeNow()
    try {
      const result = await act(withStoreTime(name, args, now))
      this.#parts.observe({ node: this.#process.name, name, args, now, result })
      return { result }
    } catch (error) {
      this.#parts.trace.note(this.#parts.timeline.now, this.#process.name, `${name} throws ${error}`)
      return { error }
    }
  }

  #standStill(ms: number): void {
    this.#process.pause()
    this.#parts.trace.note(
      this.#parts.timeline.now,
      this.#process.name,
      `stands still for ${ms} ms before it hears`,
    )
    this.#parts.timeline.after(ms, () => this.#process.resume())
  }

  #crashHere(): CrashPoint | null {
    const point = this.#process.crashPoint
    if (point === null) return null
    point.step -= 1
    if (point.step > 0) return null
    this.#process.crashPoint = null
    return point
  }
}
