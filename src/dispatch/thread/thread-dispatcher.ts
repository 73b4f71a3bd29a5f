// HTTP targets carried out by a thread of their own, so that requests and the ledger have a core each. To its callers it is
// a dispatcher like the one inside the thread. A thread that ends by accident takes what it had under way with it:
// nobody can say how that went, so it is lost. The thread begins with the first work, or when it is said to be wanted soon: a
// server that calls nobody does without it.

import type { Worker } from 'node:worker_threads'
import type { Outcome } from '../../domain/outcome.ts'
import type { Clock } from '../../ports/clock.ts'
import type { StopSignal } from '../../ports/stop.ts'
import { type Abortable, Aborts } from '../aborts.ts'
import { batchKeyOf } from '../batch.ts'
import type { HttpDispatcher, HttpWork } from '../http-work.ts'
import { PreparedTargets } from '../prepared-target.ts'
import { type Answer, type Order, Parcel, type ToThread } from './messages.ts'
import { outcomesTold } from './told-outcome.ts'
import { OrderWriter } from './work-order.ts'

/** For what is under way to be broken off and answered. */
const CLOSE_MS = 3_000

export type ThreadOptions = {
  readonly clock: Clock
  /** A thread that serves orders (see serve-orders.ts). */
  readonly start: () => Worker
  readonly userAgent: string
  /** The thread ended, and not because it was asked to. */
  readonly onDefect: (error: unknown) => void
}

export interface ThreadDispatcher extends HttpDispatcher {
  /** There will be work soon: it is not to wait for the thread to begin. */
  warm(): void
}

export function createThreadDispatcher({
  clock,
  start,
  userAgent,
  onDefect,
}: ThreadOptions): ThreadDispatcher {
  const targets = new PreparedTargets(userAgent)
  const aborts = new Aborts()
  const underWay = new Map<number, UnderWay>()
  const parcel = new Parcel<Order>((text) => tell({ kind: 'orders', text }))
  const orders = new OrderWriter()
  let thread: Worker | null = null
  let count = 0
  let closing = false

  function begin(): Worker {
    const started = start()
    let serves = false
    started.on('message', (text: string) => {
      serves = true
      for (const [number, ...told] of JSON.parse(text) as Answer[]) ended(number, outcomesTold(told))
    })
    let reason: unknown = new Error('the thread that sends requests ended')
    started.on('error', (error) => {
      reason = error
    })
    started.on('exit', () => gone(started, reason, serves ? LOST : NOT_SENT))
    return started
  }

  /** null: the system gave none; whoever waits for it has been told so. */
  function ready(): Worker | null {
    if (thread !== null) return thread
    try {
      thread = begin()
    } catch (error) {
      parcel.drop()
      gone(null, error, NOT_SENT)
    }
    return thread
  }

  function tell(message: ToThread): void {
    ready()?.postMessage(message)
  }

  function send(
    works: readonly HttpWork[],
    together: boolean,
    signal: StopSignal,
    resolve: (outcomes: Outcome[]) => void,
  ): void {
    if (signal.aborted || closing) return resolve(works.map(() => CANCELLED))
    count += 1
    const order = new UnderWay(count, works.length, signal, resolve, cancel)
    underWay.set(count, order)
    aborts.watch(signal, order)
    // Whatever the caller sends in one go leaves as one message.
    if (parcel.empty) {
      orders.begin()
      queueMicrotask(() => {
        parcel.flush()
        orders.begin()
      })
    }
    parcel.add([count, together, ...works.map((work) => orders.write(work))])
  }

  /** Not before the order itself. */
  function cancel(number: number): void {
    parcel.flush()
    tell({ kind: 'cancel', number })
  }

  function ended(number: number, outcomes: Outcome[]): void {
    const order = underWay.get(number)
    if (order === undefined) return
    underWay.delete(number)
    aborts.forget(order.signal, order)
    order.resolve(outcomes)
  }

  function gone(which: Worker | null, reason: unknown, outcome: Outcome): void {
    if (thread === which) thread = null
    if (!closing) onDefect(reason)
    for (const { number, works } of [...underWay.values()]) ended(number, new Array(works).fill(outcome))
  }

  return {
    dispatch: (work, signal) =>
      new Promise((resolve) => send([work], false, signal, ([outcome]) => resolve(outcome!))),
    dispatchBatch: (works, signal) => new Promise((resolve) => send(works, true, signal, resolve)),
    batchKey: (work) => batchKeyOf(work, targets),
    warm() {
      if (!closing) ready()
    },
    async [Symbol.asyncDispose]() {
      closing = true
      parcel.flush()
      if (thread === null) return
      const ending = thread
      const exited = new Promise((resolve) => ending.once('exit', resolve))
      tell({ kind: 'close' })
      // What it still waits for was given up by whoever closes this: the stop of a server has an end.
      const cancel = clock.after(CLOSE_MS, () => void ending.terminate())
      await exited
      cancel()
    },
  }
}

const CANCELLED: Outcome = { kind: 'cancelled', message: 'the call was cancelled' }
const NOT_SENT: Outcome = {
  kind: 'lost',
  message: 'the thread that carries it out did not begin',
  reached: 'no',
}
const LOST: Outcome = { kind: 'lost', message: 'the thread that carried it out ended before it did' }

class UnderWay implements Abortable {
  readonly number: number
  readonly works: number
  readonly signal: StopSignal
  readonly resolve: (outcomes: Outcome[]) => void
  readonly #cancel: (number: number) => void

  constructor(
    number: number,
    works: number,
    signal: StopSignal,
    resolve: (outcomes: Outcome[]) => void,
    cancel: (number: number) => void,
  ) {
    this.number = number
    this.works = works
    this.signal = signal
    this.resolve = resolve
    this.#cancel = cancel
  }

  cancel(): void {
    this.#cancel(this.number)
  }

  handleEvent(): void {
    this.cancel()
  }
}
