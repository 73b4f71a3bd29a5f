// Publishes runs to the bus. The lease is committed before a message leaves, and how it went is what the bus has confirmed. A bus
// that is away is waited for as long as the attempt may take.

import { finishesByStatus, type MessageTarget } from '../../domain/message-target.ts'
import type { Dispatched } from '../../domain/outcome.ts'
import { resolvePolicy } from '../../domain/policy.ts'
import { RecentlyUsed } from '../../domain/recently-used.ts'
import type { Run } from '../../domain/run.ts'
import { type Clock, TIMER_MAX_MS } from '../../ports/clock.ts'
import type { Dispatcher, StopTeller } from '../../ports/dispatcher.ts'
import type { BusMessage, MessageBus, Published } from '../../ports/message-bus.ts'
import { Stop, type StopSignal } from '../../ports/stop.ts'
import type { Work } from '../../ports/store.ts'
import { runMessage, stopMessage } from './run-message.ts'
import { simpleTopology } from './simple-scheduler.ts'

/** Of an attempt that may take for ever: so long a bus that is away is waited for. */
const PUBLISH_WITHIN_MS = 15 * 60_000
/** Jobs whose exchanges and queues are remembered to be there. */
const DECLARED_MAX = 10_000

export type MessageDispatcherOptions = {
  readonly bus: MessageBus
  readonly clock: Clock
  /** May a message still leave? The node's lease says so. */
  readonly mayLeave: () => boolean
  /** A message is about to go to the workers of this job of Simple Scheduler. */
  readonly onSimple?: (jobId: string, jobName: string) => void
  /** Why a job of Simple Scheduler is not to have its exchanges and queues; null: it is. Default: all are. */
  readonly refusal?: (run: Pick<Run, 'projectId' | 'jobName'>) => Promise<string | null>
}

export class MessageDispatcher implements Dispatcher, Pick<StopTeller, 'tellStop'> {
  readonly #options: MessageDispatcherOptions
  #declared = new RecentlyUsed<string, true>(DECLARED_MAX)

  constructor(options: MessageDispatcherOptions) {
    this.#options = options
  }

  async dispatch(work: Work, signal: StopSignal): Promise<Dispatched> {
    const { message: target } = work.spec.target
    if (target === undefined) throw new Error('the target is no message')
    const stop = new Stop()
    const end = (): void => stop.stop()
    const { timeoutMs } = resolvePolicy(work.spec.policy)
    const cancel = afterAll(this.#options.clock, timeoutMs ?? PUBLISH_WITHIN_MS, end)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
    try {
      const published = await this.#publish(target, work, runMessage(target, work), stop)
      return dispatched(published, finishesByStatus(target), signal.aborted)
    } finally {
      cancel()
      signal.removeEventListener('abort', end)
    }
  }

  dispatchBatch(batch: readonly Work[], signal: StopSignal): Promise<Dispatched[]> {
    return Promise.all(batch.map((work) => this.dispatch(work, signal)))
  }

  batchKey(): null {
    return null
  }

  async tellStop(work: Work, signal: StopSignal): Promise<boolean> {
    const { message: target } = work.spec.target
    // Who else works outside asks by itself.
    if (target === undefined) return true
    const published = await this.#publish(target, work, stopMessage(target, work), signal)
    // Nobody listens, or the broker lets nobody hear it: to say it again changes nothing.
    return published.kind !== 'unavailable'
  }

  async #publish(
    target: MessageTarget,
    { run }: Work,
    message: BusMessage,
    signal: StopSignal,
  ): Promise<Published> {
    const { bus, mayLeave, onSimple } = this.#options
    if (target.protocol === undefined) return bus.publish(message, signal, mayLeave)
    for (let again = false; ; again = true) {
      const refused = await this.#declare(run, signal)
      if (refused !== null) return refused
      onSimple?.(run.jobId, run.jobName)
      const published = await bus.publish(message, signal, mayLeave)
      if (published.kind !== 'unroutable' || again) return published
      // Somebody deleted what was there; it is certain that nothing has left.
      this.#declared = new RecentlyUsed(DECLARED_MAX)
    }
  }

  /** A store that cannot say it now is no failure of ours: nothing has left. */
  async #forbidden(run: Run): Promise<Published | null> {
    try {
      const why = (await this.#options.refusal?.(run)) ?? null
      return why === null ? null : { kind: 'unroutable', message: why }
    } catch (error) {
      const message = `whose workers these are cannot be looked up: ${error instanceof Error ? error.message : error}`
      return { kind: 'unavailable', message, reached: 'no' }
    }
  }

  async #declare(run: Run, signal: StopSignal): Promise<Published | null> {
    const { jobId, jobName } = run
    const key = `${jobId} ${jobName}`
    if (this.#declared.get(key) === true) return null
    const forbidden = await this.#forbidden(run)
    if (forbidden !== null) return forbidden
    const declared = await this.#options.bus.declare(simpleTopology(jobName), signal)
    if (declared.kind === 'unavailable') return { ...declared, reached: 'no' }
    if (declared.kind === 'refused') {
      return { kind: 'refused', message: `what its workers need cannot be declared: ${declared.message}` }
    }
    this.#declared.set(key, true)
    return null
  }
}

/** However long: the clock's own waits have a bound. */
function afterAll(clock: Clock, ms: number, callback: () => void): () => void {
  const at = clock.monotonic() + ms
  let cancel = (): void => {}
  const wait = (): void => {
    const rest = at - clock.monotonic()
    if (rest <= 0) return callback()
    cancel = clock.after(Math.min(rest, TIMER_MAX_MS), wait)
  }
  wait()
  return () => cancel()
}

function dispatched(published: Published, byStatus: boolean, cancelled: boolean): Dispatched {
  if (published.kind === 'confirmed') return byStatus ? { kind: 'handed_over' } : { kind: 'ok' }
  const { kind, message } = published
  if (kind === 'unroutable') {
    return { kind: 'error', code: 'unroutable', message, reached: 'no', retryable: false }
  }
  if (kind === 'refused') return { kind: 'error', code: 'bus_refused', message, reached: 'no' }
  if (!cancelled) return { kind: 'error', code: 'bus_unavailable', message, reached: published.reached }
  // Its worker may have it, and is to be told too.
  if (byStatus && published.reached === 'maybe') return { kind: 'handed_over' }
  return { kind: 'cancelled', message: 'it was cancelled before the bus confirmed it' }
}
