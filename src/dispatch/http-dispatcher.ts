// Rings HTTP targets. Whatever breaks is an outcome; nothing is thrown at the runner.

import type { Outcome } from '../domain/outcome.ts'
import type { TargetRules } from '../domain/target-rules.ts'
import type { Chance } from '../ports/chance.ts'
import type { Clock } from '../ports/clock.ts'
import type { StopSignal } from '../ports/stop.ts'
import type { AddressGuard } from './address-guard.ts'
import { type BatchItem, batchChunks, batchItem, batchKeyOf, batchRequest, sharedOutcome } from './batch.ts'
import { Caller } from './call.ts'
import type { TlsOptions } from './connector.ts'
import type { WireRequest } from './exchange.ts'
import { HttpSender } from './http-sender.ts'
import type { HttpDispatcher, HttpWork } from './http-work.ts'
import { type PreparedTarget, PreparedTargets } from './prepared-target.ts'
import { runRequest } from './run-request.ts'

/** Connections to one origin at a time; what exceeds them waits its turn, its deadline running. */
export const CONNECTIONS_PER_ORIGIN_DEFAULT = 256

/** Requests of one batch under way at a time. */
const BATCH_PARALLEL = 4

export type HttpDispatcherOptions = {
  readonly clock: Clock
  readonly chance: Chance
  readonly guard: AddressGuard
  /** The guard of projects with rules of their own. Default: the one above. */
  readonly guardOf?: (rules: TargetRules) => AddressGuard
  readonly userAgent: string
  readonly connectionsPerOrigin?: number
  readonly tls?: TlsOptions
  /** May a request still leave? The node's lease says so. */
  readonly mayLeave?: () => boolean
}

export function createHttpDispatcher(options: HttpDispatcherOptions): HttpDispatcher {
  const { clock, chance, guard, guardOf = () => guard } = options
  const connectionsPerOrigin = options.connectionsPerOrigin ?? CONNECTIONS_PER_ORIGIN_DEFAULT
  const sender = new HttpSender({
    clock,
    guard,
    connectionsPerOrigin,
    mayLeave: options.mayLeave,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
  })
  const caller = new Caller(clock, sender)
  const prepares = new PreparedTargets(options.userAgent)

  function dispatch(work: HttpWork, signal: StopSignal): Promise<Outcome> {
    try {
      const prepared = prepares.of(work)
      const request = guarded(runRequest(prepared, work, clock.now()), work)
      return caller.call(prepared, request, signal)
    } catch (error) {
      return Promise.resolve(unsendable(error))
    }
  }

  async function dispatchBatch(works: readonly HttpWork[], signal: StopSignal): Promise<Outcome[]> {
    const outcomes = new Map<HttpWork, Outcome>()
    try {
      const [first] = works
      if (first === undefined) return []
      const prepared = prepares.of(first)
      const chunks = split(works, prepared)
      await inParallel([...chunks.entries()], BATCH_PARALLEL, async ([index, chunk]) => {
        const request = batchRequest(prepared, chunk, {
          batchId: chance.id('req'),
          index,
          at: clock.now(),
        })
        const outcome = sharedOutcome(await caller.call(prepared, guarded(request, first), signal))
        for (const { work } of chunk) outcomes.set(work, outcome)
      })
      return works.map((work) => outcomes.get(work)!)
    } catch (error) {
      return works.map((work) => outcomes.get(work) ?? unsendable(error))
    }
  }

  /** Works of one batch are of one project. */
  function guarded(request: WireRequest, { targets }: HttpWork): WireRequest {
    return targets === undefined ? request : { ...request, guard: guardOf(targets) }
  }

  function split(works: readonly HttpWork[], { batch }: PreparedTarget): BatchItem[][] {
    if (batch === null) throw new Error('the target has no batch rule')
    const items = works.map((work) => batchItem(work, prepares.of(work)))
    return batchChunks(items, batch.maxItems, batch.maxBytes)
  }

  return {
    dispatch,
    dispatchBatch,
    batchKey: (work) => batchKeyOf(work, prepares),
    [Symbol.asyncDispose]: () => sender[Symbol.asyncDispose](),
  }
}

/** The stored target cannot be turned into a request: it was never sent, and never will be. */
function unsendable(error: unknown): Outcome {
  const reason = error instanceof Error ? error.message : String(error)
  return {
    kind: 'error',
    code: 'target_invalid',
    message: `the request cannot be sent: ${reason}`,
    reached: 'no',
    retryable: false,
  }
}

async function inParallel<T>(
  items: readonly T[],
  width: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  const lanes = Array.from({ length: Math.min(width, items.length) }, async () => {
    for (const item of rest) await act(item)
  })
  await Promise.all(lanes)
}
