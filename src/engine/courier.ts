// Tells whoever must be told: takes effects from the outbox, delivers, records each try. At least once, with an
// id that stays the same, so that a receiver can drop repeats. Takes only as many as it has room for, so that one
// receiver that does not answer holds up nobody else.

import { tokenOfCallback } from '../commands/call-token.ts'
import type { Context } from '../commands/context.ts'
import { revealCallback } from '../commands/secret/reveal-secrets.ts'
import { callbackBody } from '../domain/callback-body.ts'
import { parseDuration } from '../domain/duration.ts'
import { CALLBACK_DEFAULTS, type Callback, type Effect } from '../domain/effect.ts'
import type { Run } from '../domain/run.ts'
import { rulesNothing, type TargetRules } from '../domain/target-rules.ts'
import type { DeliveryResult, Notifier } from '../ports/dispatcher.ts'
import type { Lease } from '../ports/lease.ts'
import type { OutboxStore } from '../ports/store.ts'
import { noToken } from '../ports/token-mint.ts'
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
const HOLD_MS = 90_000
const TIMEOUT_MAX_MS = 60_000

type Result = Parameters<OutboxStore['record']>[0][number]
type Ways = {
  readonly notifier: Notifier
  readonly lease: Lease
  /** Brings the courier's loop round: there is something to record. */
  readonly nudge: () => void
  readonly onDefect: (error: unknown) => void
}

export class Courier {
  readonly #ctx: Context
  readonly #options: CourierOptions
  readonly #ways: Ways
  readonly #underWay = new Set<Promise<void>>()
  #life = new AbortController()
  #draining = false
  #ended: Result[] = []

  constructor(ctx: Context, options: CourierOptions, ways: Ways) {
    this.#ctx = ctx
    this.#options = options
    this.#ways = ways
  }

  /** Records what has ended, then takes what fits. Says when to come again. */
  async tick(): Promise<Rest> {
    const { store, clock } = this.#ctx
    await this.#record()
    const { lease } = this.#ways
    const free = this.#options.batch - this.#underWay.size
    if (free <= 0 || this.#draining || !lease.holds()) return null
    const request = { now: clock.now(), limit: free, holdMs: HOLD_MS, nodeId: lease.nodeId }
    const due = await store.outbox.due(request)
    for (const { effect, run } of due) this.#take(effect, run)
    if (due.length === free) return null
    const next = await store.outbox.nextTryAt()
    return next === null ? null : Math.max(0, next - clock.now())
  }

  /** While true nothing new is taken; what is under way goes on. */
  setDraining(draining: boolean): void {
    this.#draining = draining
  }

  /** The lease is gone: others tell what is under way here. */
  breakOff(): void {
    this.#life.abort()
    this.#life = new AbortController()
  }

  /** Breaks off what is under way, records what has ended. The loop has been stopped before. */
  async stop(): Promise<void> {
    this.#life.abort()
    await Promise.all(this.#underWay)
    await this.#record()
  }

  #take(effect: Effect, run: Run): void {
    const delivery = this.#deliver(effect, run).finally(() => {
      this.#underWay.delete(delivery)
      this.#ways.nudge()
    })
    this.#underWay.add(delivery)
  }

  async #deliver(effect: Effect, run: Run): Promise<void> {
    const { clock } = this.#ctx
    const { signal } = this.#life
    // Not known whom the project may call: no try of the receiver's, and it comes again when its hold has ended.
    const targets = await this.#targetsOf(effect.projectId)
    if (targets === null || !this.#ways.lease.holds()) return
    const startedAt = clock.now()
    const { ok, status, message } = await this.#notify(effect, run, targets, signal)
    // Broken off by ourselves: no failed try of the receiver's. It is told again as soon as this node is gone.
    if (!ok && (signal.aborted || !this.#ways.lease.holds())) return
    const endedAt = clock.now()
    const number = effect.tries + 1
    const delay = this.#delaysOf(effect.callback)[number - 1]
    const nextTryAt = ok || delay === undefined ? null : endedAt + delay
    const delivery = { effectId: effect.id, number, startedAt, endedAt, status, ok, message }
    this.#ended.push({ delivery, nextTryAt })
  }

  async #targetsOf(projectId: string): Promise<TargetRules | null> {
    const { projects } = this.#ctx
    return (await projects.of(projectId).catch(() => null))?.targets ?? null
  }

  async #notify(
    effect: Effect,
    run: Run,
    targets: TargetRules,
    signal: AbortSignal,
  ): Promise<DeliveryResult> {
    const { id } = effect
    const wanted = duration(effect.callback.timeout) ?? this.#options.defaults.timeoutMs
    const timeoutMs = Math.min(TIMEOUT_MAX_MS, wanted)
    try {
      const callback = await revealCallback(this.#ctx, effect.projectId, effect.callback)
      if ('refused' in callback) return { ok: false, status: null, message: callback.refused }
      const body = callbackBody(callback, run)
      const shown = await this.#showing(effect, callback)
      if ('refused' in shown) return { ok: false, status: null, message: shown.refused }
      const delivery = { id, callback: shown, body, timeoutMs, ...(rulesNothing(targets) ? {} : { targets }) }
      return await this.#ways.notifier.notify(delivery, signal)
    } catch (error) {
      this.#ways.onDefect(error)
      return { ok: false, status: null, message: 'an internal error ended the try' }
    }
  }

  /** With a token made for this telling, where it asks for one. */
  async #showing(effect: Effect, callback: Callback): Promise<Callback | { readonly refused: string }> {
    if (callback.auth === undefined) return callback
    try {
      const token = await tokenOfCallback(this.#ctx, effect, callback.auth.oidc.audience)
      return { ...callback, headers: { ...callback.headers, Authorization: `Bearer ${token}` } }
    } catch (error) {
      return { refused: noToken(error) }
    }
  }

  /** What cannot be recorded now stays for the next tick. Its hold outlasts a short outage. */
  async #record(): Promise<void> {
    const ended = this.#ended
    if (ended.length === 0) return
    this.#ended = []
    try {
      await this.#ctx.store.outbox.record(ended)
    } catch (error) {
      this.#ended = [...ended, ...this.#ended]
      throw error
    }
  }

  #delaysOf(callback: Callback): readonly number[] {
    return callback.retryDelays?.map((text) => duration(text) ?? 0) ?? this.#options.defaults.retryDelaysMs
  }
}

function duration(text: string | undefined): number | null {
  return text === undefined ? null : parseDuration(text)
}
