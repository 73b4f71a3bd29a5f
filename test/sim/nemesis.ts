// Does harm, by dice: one fault after another, some of them at the same time, until the time of healing.

import type { Client } from './clients.ts'
import type { Coverage } from './coverage.ts'
import type { Dice } from './dice.ts'
import type { FaultLog } from './fault-log.ts'
import { GOOD_MANNERS, type Outside } from './outside.ts'
import type { SimNode } from './sim-node.ts'
import type { Fault, SimOptions } from './sim-options.ts'
import type { Cut, Weather } from './store-path.ts'
import type { Timeline } from './timeline.ts'
import type { Trace } from './trace.ts'

export type NemesisParts = {
  readonly timeline: Timeline
  readonly trace: Trace
  readonly coverage: Coverage
  readonly dice: Dice
  readonly nodes: readonly SimNode[]
  readonly clients: readonly Client[]
  readonly weather: Weather
  readonly outside: Outside
  readonly options: SimOptions
  readonly faultLog: FaultLog
  /** Steps the clock of the store. */
  readonly stepClock: (ms: number) => void
}

const CUTS: readonly Cut[] = ['refused', 'silent']
const MINUTE = 60_000

export class Nemesis {
  readonly #parts: NemesisParts
  readonly #acts: Readonly<Record<Fault, () => void>>
  #over = false

  constructor(parts: NemesisParts) {
    this.#parts = parts
    const { dice, options } = parts
    const leaseMs = options.lease.ttlMs
    this.#acts = {
      kill: () => this.#node().kill('kill -9'),
      'kill at a step': () => this.#killAtStep(),
      'kill all': () => this.#killAll(),
      'clean stop': () => this.#node().stop(),
      stall: () => this.#pause(dice.ms(50, leaseMs / 3)),
      freeze: () => this.#pause(dice.ms(leaseMs / 2, leaseMs * 6)),
      'freeze at a step': () => this.#freezeAtStep(dice.ms(leaseMs / 2, leaseMs * 6)),
      'cut one': () => this.#cut(this.#node(), dice.ms(500, leaseMs * 4)),
      'cut in turns': () => this.#cutInTurns(),
      'store away': () => this.#away(),
      'slow store': () => this.#slow(),
      'lost answers': () => this.#loseAnswers(),
      'clock step': () => this.#stepClock(),
      'node clock': () => this.#setClock(),
      'bad targets': () => this.#badTargets(),
    }
  }

  async work(until: number): Promise<void> {
    const { dice, timeline, options, coverage } = this.#parts
    if (options.faults.length === 0) return
    // Slow targets fill the slots, and what is due waits for one.
    if (options.slots < 64) this.#parts.faultLog.note('slow', null, until)
    this.#unrest()
    for (;;) {
      const wait = dice.wait(options.faultEveryMs)
      if (timeline.now + wait >= until) return
      await timeline.sleep(wait)
      const fault = dice.pick(options.faults)
      coverage.count(`fault: ${fault}`)
      this.#note(fault)
      this.#acts[fault]()
    }
  }

  /** From here on all is well, and stays so. */
  heal(): void {
    this.#over = true
    const { nodes, clients, weather, outside, options } = this.#parts
    weather.clear(options.latency)
    outside.manners = GOOD_MANNERS
    for (const client of clients) client.lostAnswers = 0
    for (const node of nodes) {
      if (node.process !== null) node.process.crashPoint = null
      node.process?.resume()
    }
    this.#note('heals')
  }

  /** What is a little bad all the time. */
  #unrest(): void {
    const { dice, clients, outside } = this.#parts
    for (const client of clients) client.lostAnswers = dice.pick([0, 0.05, 0.3])
    outside.manners = {
      unreachable: 0,
      unanswered: dice.pick([0, 0.02]),
      failing: dice.pick([0, 0.05, 0.2]),
      doubled: dice.pick([0, 0.05]),
      slow: dice.pick([0, 0.1, 0.3]),
      slowMs: dice.pick([5_000, 20_000, 90_000]),
    }
  }

  #killAtStep(): void {
    const { dice } = this.#parts
    const { process } = this.#node()
    const when = dice.pick(['before', 'after'] as const)
    if (process === null) return
    process.crashPoint = { step: dice.int(1, 12), when, pauseMs: null }
    this.#parts.coverage.count(`killed ${when} a step`)
  }

  #freezeAtStep(pauseMs: number): void {
    const { dice } = this.#parts
    const node = this.#node()
    if (node.process === null) return
    node.process.crashPoint = { step: dice.int(1, 12), when: 'after', pauseMs }
    // It may take a while until it comes to that step.
    this.#parts.faultLog.note('pause', node.name, pauseMs + MINUTE)
  }

  /** Nobody is there for a while. */
  #killAll(): void {
    const { dice, nodes, faultLog } = this.#parts
    const downMs = dice.ms(5_000, 6 * MINUTE)
    faultLog.note('all-down', null, downMs + MINUTE)
    for (const node of nodes) {
      node.downMs = downMs
      node.kill('kill -9, all at once')
    }
  }

  #pause(ms: number): void {
    const node = this.#node()
    const { process } = node
    if (process === null) return
    process.pause()
    this.#parts.faultLog.note('pause', node.name, ms)
    this.#note(`${process.name} stands still for ${ms} ms`)
    this.#later(ms, () => process.resume())
  }

  #cut(node: SimNode, ms: number): void {
    const { dice, weather } = this.#parts
    weather.cut.set(node.name, dice.pick(CUTS))
    this.#parts.faultLog.note('cut', node.name, ms)
    this.#note(`${node.name} is cut off for ${ms} ms`)
    this.#later(ms, () => weather.cut.delete(node.name))
  }

  /** One after another is cut off, and they come back in another order. */
  #cutInTurns(): void {
    const { dice, nodes } = this.#parts
    const apart = dice.ms(200, 5_000)
    const back = dice.shuffled(nodes)
    for (const [turn, node] of dice.shuffled(nodes).entries()) {
      const away = (nodes.length - turn + back.indexOf(node) + 1) * apart
      this.#later(turn * apart, () => this.#over || this.#cut(node, away))
    }
  }

  #away(): void {
    const { dice, weather } = this.#parts
    const ms = dice.ms(100, MINUTE)
    weather.away = dice.pick(CUTS)
    this.#parts.faultLog.note('store-restart', null, ms)
    this.#later(ms, () => {
      weather.away = null
    })
  }

  #slow(): void {
    const { dice, weather, options } = this.#parts
    weather.latency = [20, dice.ms(100, 2_500)]
    const ms = dice.ms(2_000, MINUTE)
    this.#parts.faultLog.note('slow', null, ms)
    this.#later(ms, () => {
      weather.latency = options.latency
    })
  }

  #loseAnswers(): void {
    const { dice, weather } = this.#parts
    weather.lostAnswers = dice.pick([0.05, 0.3, 1])
    const ms = dice.ms(500, 30_000)
    this.#parts.faultLog.note('backend-kill', null, ms)
    this.#later(ms, () => {
      weather.lostAnswers = 0
    })
  }

  #stepClock(): void {
    const { dice, coverage } = this.#parts
    const ms = dice.ms(1_000, 60 * MINUTE) * (dice.chance(0.5) ? 1 : -1)
    coverage.count(ms > 0 ? 'clock stepped forward' : 'clock stepped back')
    this.#note(`the clock steps by ${ms} ms`)
    this.#parts.stepClock(ms)
  }

  /** The clock of one node is wrong from here on; that of the store is the one that counts. */
  #setClock(): void {
    const { dice } = this.#parts
    const node = this.#node()
    node.skewMs = dice.chance(0.2) ? 0 : dice.ms(200, 24 * 60 * MINUTE) * (dice.chance(0.5) ? 1 : -1)
    this.#note(`the clock of ${node.name} is wrong by ${node.skewMs} ms`)
  }

  #badTargets(): void {
    const { dice, outside } = this.#parts
    const before = outside.manners
    outside.manners = { ...before, [dice.pick(['unreachable', 'unanswered', 'failing', 'slow'])]: 0.9 }
    const ms = dice.ms(2_000, 2 * MINUTE)
    this.#parts.faultLog.note('slow', null, ms)
    this.#later(ms, () => {
      if (!this.#over) outside.manners = before
    })
  }

  #node(): SimNode {
    return this.#parts.dice.pick(this.#parts.nodes)
  }

  #later(ms: number, act: () => void): void {
    this.#parts.timeline.after(ms, act)
  }

  #note(what: string): void {
    this.#parts.trace.note(this.#parts.timeline.now, 'nemesis', what)
  }
}
