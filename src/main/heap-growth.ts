// How much old garbage V8 lets lie before it clears it. By itself it weighs its own time: right for a server at work, which so
// clears seldom. One that mostly waits, with ten thousand polls of agents for example, has the time and needs less memory by
// half of what lives. V8 reads this at each end of a clearing, so it may change while it runs.

import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { systemClock } from '../adapters/system/system-clock.ts'
import type { Clock } from '../ports/clock.ts'
import { processEnvironment } from './config/process.ts'

/** Once it has grown by a third of what lives. */
const CALM = '--heap-growing-percent=35'
/** As V8 sees fit. */
const AT_WORK = '--heap-growing-percent=0'
/** Whoever has said how V8 is to do this is heard. */
const SAID = /^--(?:heap[-_]growing[-_]percent|optimize[-_]for[-_]size|memory[-_]balancer)/

/** So much young garbage cleared within a second is a server at work: a burst makes twice as much, ten thousand polls half of it. */
const WORK_MIB = 80
/** It is cleared whenever the room for it is full: as large as Node was told, or as it is by itself. */
const ROOM = /^--max[-_]semi[-_]space[-_]size=(\d+)$/
const ROOM_MIB_DEFAULT = 16
const SECOND_MS = 1_000
/** A burst seldom comes alone. */
const WORK_FOR_MS = 30_000

type Cleared = PerformanceEntry & { readonly detail: { readonly kind: number } }

export class HeapGrowth implements Disposable {
  readonly #clock: Pick<Clock, 'after'>
  readonly #set: (flag: string) => void
  /** The last moments when young garbage was cleared, a ring. */
  readonly #moments: number[]
  #next = 0
  #calmLater: (() => void) | null = null

  /** `roomMib`: so much young garbage there is each time when it is cleared. */
  constructor(clock: Pick<Clock, 'after'>, set: (flag: string) => void, roomMib: number) {
    this.#clock = clock
    this.#set = set
    this.#moments = new Array(Math.max(2, Math.round(WORK_MIB / roomMib))).fill(Number.NEGATIVE_INFINITY)
    set(CALM)
  }

  /** Young garbage was, at a moment in ms of any clock. */
  cleared(at: number): void {
    const first = this.#moments[this.#next]!
    this.#moments[this.#next] = at
    this.#next = (this.#next + 1) % this.#moments.length
    if (at - first <= SECOND_MS) this.#work()
  }

  [Symbol.dispose](): void {
    this.#calmLater?.()
    this.#calmLater = null
  }

  #work(): void {
    if (this.#calmLater === null) this.#set(AT_WORK)
    else this.#calmLater()
    this.#calmLater = this.#clock.after(WORK_FOR_MS, () => {
      this.#calmLater = null
      this.#set(CALM)
    })
  }
}

/** For the whole process. `words`: with what Node was started. */
export function watchHeapGrowth(
  words: readonly string[] = wordsOfStart(),
  clock: Pick<Clock, 'after'> = systemClock,
  set: (flag: string) => void = setFlagsFromString,
): Disposable {
  const stack = new DisposableStack()
  if (words.some((word) => SAID.test(word))) return stack
  const growth = stack.use(new HeapGrowth(clock, set, roomMibOf(words)))
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as Cleared[])
      if (entry.detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) growth.cleared(entry.startTime)
  })
  observer.observe({ entryTypes: ['gc'] })
  stack.defer(() => observer.disconnect())
  return stack
}

export function roomMibOf(words: readonly string[]): number {
  const told = words.flatMap((word) => ROOM.exec(word)?.[1] ?? [])
  return Number(told.at(-1) ?? 0) || ROOM_MIB_DEFAULT
}

function wordsOfStart(): readonly string[] {
  return [...process.execArgv, ...(processEnvironment().NODE_OPTIONS ?? '').split(/\s+/)]
}
