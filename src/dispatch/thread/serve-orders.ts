// The thread's side: carries out what is ordered and answers with outcomes, many in one message.

import type { MessagePort } from 'node:worker_threads'
import { RecentlyUsed } from '../../domain/recently-used.ts'
import type { Clock } from '../../ports/clock.ts'
import { Stop } from '../../ports/stop.ts'
import type { HttpDispatcher, HttpSpec, HttpWork } from '../http-work.ts'
import { type Answer, type Order, Parcel, type ToThread } from './messages.ts'
import { toldOutcomes } from './told-outcome.ts'
import { OrderReader } from './work-order.ts'

/** While more orders than this are under way, outcomes wait for each other; before, each leaves at once. */
const BUSY = 32
const GATHER_MS = 3

/** Definitions kept: what is prepared once for a version of a job serves all its runs. */
const SPECS_KEPT_MAX = 10_000

export function serveOrders(port: MessagePort, dispatcher: HttpDispatcher, clock: Clock): void {
  const underWay = new Map<number, Stop>()
  const specs = new RecentlyUsed<string, HttpSpec>(SPECS_KEPT_MAX)
  const parcel = new Parcel<Answer>((text) => port.postMessage(text))

  port.on('message', (message: ToThread) => {
    if (message.kind === 'orders') carryOut(JSON.parse(message.text) as Order[])
    else if (message.kind === 'cancel') underWay.get(message.number)?.stop()
    else void close()
  })
  // No answers yet: from here on nobody can say of an order that it was not carried out.
  port.postMessage('[]')

  function carryOut(orders: readonly Order[]): void {
    const reader = new OrderReader()
    for (const [number, together, ...told] of orders) {
      const works = told.map((order) => withKnownSpec(reader.read(order)))
      const stop = new Stop()
      underWay.set(number, stop)
      const outcomes = together
        ? dispatcher.dispatchBatch(works, stop)
        : dispatcher.dispatch(works[0]!, stop).then((outcome) => [outcome])
      void outcomes.then((all) => answer([number, ...toldOutcomes(all)]))
    }
  }

  function answer(given: Answer): void {
    underWay.delete(given[0])
    if (parcel.empty) clock.after(underWay.size > BUSY ? GATHER_MS : 0, () => parcel.flush())
    parcel.add(given)
  }

  /** The same object for each run of a version: what was prepared for it is found by it. */
  function withKnownSpec(work: HttpWork): HttpWork {
    const { run, spec } = work
    if (spec.schedule.at !== undefined || work.secrets !== undefined) return work
    // Its token was made for this call; kept, it would be shown by all later ones.
    if (spec.target.http?.auth !== undefined) return work
    const key = `${run.jobId}/${run.jobVersion}`
    const known = specs.get(key)
    if (known !== undefined) return { ...work, spec: known }
    specs.set(key, spec)
    return work
  }

  /** What is under way ends as cancelled, and is still answered. */
  async function close(): Promise<void> {
    await dispatcher[Symbol.asyncDispose]()
    parcel.flush()
    port.close()
  }
}
