// The thread's side: carries out what is ordered and answers with outcomes, many in one message.

import type { MessagePort } from 'node:worker_threads'
import { RecentlyUsed } from '../../domain/recently-used.ts'
import type { Clock } from '../../ports/clock.ts'
import { Stop } from '../../ports/stop.ts'
import type { HttpDispatcher, HttpSpec, HttpWork } from '../http-work.ts'
import { type Answer, type Order, Parcel, type ToThread } from './messages.ts'
import { toldOutcome } from './told-outcome.ts'
import { orderedWork, type WorkOrder } from './work-order.ts'

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
    if (message.kind === 'orders') for (const order of JSON.parse(message.text) as Order[]) carryOut(order)
    else if (message.kind === 'cancel') underWay.get(message.number)?.stop()
    else void close()
  })
  // No answers yet: from here on nobody can say of an order that it was not carried out.
  port.postMessage('[]')

  function carryOut(order: Order): void {
    const [number, together, first] = order
    const stop = new Stop()
    underWay.set(number, stop)
    if (!together)
      return void dispatcher.dispatch(read(first!), stop).then((one) => answer([number, toldOutcome(one)]))
    const [, , ...orders] = order
    void dispatcher
      .dispatchBatch(orders.map(read), stop)
      .then((all) => answer([number, ...all.map(toldOutcome)]))
  }

  function answer(given: Answer): void {
    underWay.delete(given[0])
    if (parcel.empty) clock.after(underWay.size > BUSY ? GATHER_MS : 0, () => parcel.flush())
    parcel.add(given)
  }

  /** The same object for each run of a version: what was prepared for it is found by it. */
  function read(order: WorkOrder): HttpWork {
    const work = orderedWork(order)
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
