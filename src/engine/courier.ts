// Tells whoever must be told: takes effects from the outbox, delivers, records each try. At least once, with an
// id that stays the same, so that a receiver can drop repeats.

import type { Context } from '../commands/context.ts'
import { parseDuration } from '../domain/duration.ts'
import { CALLBACK_DEFAULTS, type Callback, type Effect } from '../domain/effect.ts'
import type { Run } from '../domain/run.ts'
import { runDocument } from '../domain/run-document.ts'
import type { Notifier } from '../ports/dispatcher.ts'
import type { Rest } from './loop.ts'

export type CourierOptions = {
  /** Deliveries under way at once. */
  readonly batch: number
  readonly defaults: { readonly timeoutMs: number; readonly retryDelaysMs: readonly number[] }
}

export const COURIER_DEFAULTS: CourierOptions = {
  batch: 64,
  defaults: { timeoutMs: CALLBACK_DEFAULTS.timeoutMs, retryDelaysMs: CALLBACK_DEFAULTS.retryDelaysMs },
}

/** Held longer than any delivery may take: a crash in between only means that it is told again. */
const HOLD_EXTRA_MS = 30_000
const TIMEOUT_MAX_MS = 60_000

export async function courierTick(
  ctx: Context,
  notifier: Notifier,
  options: CourierOptions,
  signal: AbortSignal,
): Promise<Rest> {
  const { outbox } = ctx.store
  const holdMs = TIMEOUT_MAX_MS + HOLD_EXTRA_MS
  const due = await outbox.due({ now: ctx.clock.now(), limit: options.batch, holdMs })
  const tries = await Promise.all(
    due.map(({ effect, run }) => deliver(ctx, notifier, options, effect, run, signal)),
  )
  const results = tries.filter((result) => result !== null)
  if (results.length > 0) await outbox.record(results)
  if (due.length === options.batch) return 0
  const next = await outbox.nextTryAt()
  return next === null ? null : Math.max(0, next - ctx.clock.now())
}

type Result = Parameters<Context['store']['outbox']['record']>[0][number]

async function deliver(
  ctx: Context,
  notifier: Notifier,
  options: CourierOptions,
  effect: Effect,
  run: Run,
  signal: AbortSignal,
): Promise<Result | null> {
  const startedAt = ctx.clock.now()
  const { callback, id } = effect
  const timeoutMs = Math.min(TIMEOUT_MAX_MS, duration(callback.timeout) ?? options.defaults.timeoutMs)
  const body = JSON.stringify(runDocument(run))
  const { ok, status, message } = await notifier.notify({ id, callback, body, timeoutMs }, signal)
  // Broken off by our own stop: no failed try of the receiver's. It is told again when the hold ends.
  if (!ok && signal.aborted) return null
  const endedAt = ctx.clock.now()
  const number = effect.tries + 1
  const delays = delaysOf(callback, options)
  const delay = delays[number - 1]
  const nextTryAt = ok || delay === undefined ? null : endedAt + delay
  return { delivery: { effectId: id, number, startedAt, endedAt, status, ok, message }, nextTryAt }
}

function delaysOf(callback: Callback, options: CourierOptions): readonly number[] {
  return callback.retryDelays?.map((text) => duration(text) ?? 0) ?? options.defaults.retryDelaysMs
}

function duration(text: string | undefined): number | null {
  return text === undefined ? null : parseDuration(text)
}
