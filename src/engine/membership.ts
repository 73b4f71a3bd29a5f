// Keeps this node a member: renews its one lease from the main loop, and knows by itself when the lease has run out.
// Then it stops what is under way first, gives up its old identity and registers as a new node.
//
// The renewal is a tick of the main loop and of nothing else: a loop that stalls cannot renew, so a node that does not
// work does not look alive. What a stall delays is the stopping, which is why holds() compares clocks when it is asked.

import { type NodeFigures, SOLE_LEASE_MS } from '../domain/node.ts'
import { type Clock, TIMER_MAX_MS } from '../ports/clock.ts'
import type { Lease } from '../ports/lease.ts'
import type { NodeStart, NodeStore } from '../ports/store.ts'
import type { Rest } from './loop.ts'

export type LeaseTimes = {
  /** How long the store takes the node's word for it. */
  readonly ttlMs: number
  readonly renewEveryMs: number
  /** The node stops this much earlier than the store gives its work away: for what is just leaving. */
  readonly marginMs: number
}

const MARGIN_MAX_MS = 1_000
const MARGIN_SHARE = 1 / 6

export function leaseTimes(ttlMs: number, renewEveryMs = ttlMs / 3): LeaseTimes {
  return { ttlMs, renewEveryMs, marginMs: Math.min(MARGIN_MAX_MS, ttlMs * MARGIN_SHARE) }
}

export const LEASE_TIMES = leaseTimes(6_000)

/**
 * For a process that a lock makes the only one on its store, and whose end ends the lock. A lease by the clock on top
 * would only be lost when the clock is stepped.
 */
export const SOLE_LEASE_TIMES: LeaseTimes = {
  ttlMs: SOLE_LEASE_MS,
  renewEveryMs: 60_000,
  marginMs: 0,
}

/** A renewal that failed is tried again within this share of the time that is left, and never in greater haste. */
const RETRY_SHARE = 1 / 8

export type MembershipOptions = {
  readonly nodes: NodeStore
  readonly clock: Clock
  readonly node: Omit<NodeStart, 'id' | 'draining'>
  readonly newId: () => string
  readonly times: LeaseTimes
  /** The machine's own wall clock: its difference to the store's time is the skew that is shown. */
  readonly wall: () => number
  /** The store's time at a moment of the monotonic clock, known to within `roundTripMs`. */
  readonly onTime?: (at: number, monotonic: number, roundTripMs: number) => void
  /** The lease holds for so long from now; 0: no longer. */
  readonly onHold?: (ms: number) => void
  readonly figures?: () => Omit<NodeFigures, 'skewMs' | 'draining'>
  readonly onError: (where: string, error: unknown) => void
}

/** Who must act when the node's standing changes. Both are called at once, before anything else of the node goes on. */
export type MembershipListener = {
  /** Stop every side effect: others may be doing the same work already. */
  readonly onLapse: (oldNodeId: string) => void
  readonly onDraining: (draining: boolean) => void
}

const NO_FIGURES = { held: 0, latenessP50Ms: null, latenessP99Ms: null }

export class Membership implements Lease {
  readonly #options: MembershipOptions
  #listener: MembershipListener = { onLapse() {}, onDraining() {} }
  #nodeId = ''
  #epoch = 0
  #member = false
  #validUntil = Number.NEGATIVE_INFINITY
  #draining = false
  #skewMs = 0
  #lapses = 0
  #cancelWatch: (() => void) | null = null

  private constructor(options: MembershipOptions) {
    this.#options = options
  }

  /** Registers this process. Throws what the store throws. */
  static async join(options: MembershipOptions): Promise<Membership> {
    const membership = new Membership(options)
    await membership.#register()
    return membership
  }

  get nodeId(): string {
    return this.#nodeId
  }

  get epoch(): number {
    return this.#epoch
  }

  get draining(): boolean {
    return this.#draining
  }

  get skewMs(): number {
    return this.#skewMs
  }

  /** How often this process lost its lease. */
  get lapses(): number {
    return this.#lapses
  }

  holds(): boolean {
    return this.#options.clock.monotonic() < this.#validUntil
  }

  connect(listener: MembershipListener): void {
    this.#listener = listener
  }

  /** What this node says of itself. */
  figures(): NodeFigures {
    const skewMs = Math.round(this.#skewMs)
    return { skewMs, draining: this.#draining, ...(this.#options.figures?.() ?? NO_FIGURES) }
  }

  /** Renews, or comes back as a new node. Never throws: a store that is away is reported and asked again soon. */
  async tick(): Promise<Rest> {
    try {
      if (!this.holds()) this.#lapse()
      if (this.#member) await this.#renew()
      if (!this.#member) await this.#comeBack()
      return this.#options.times.renewEveryMs
    } catch (error) {
      this.#options.onError('lease', error)
      return this.#retryIn()
    }
  }

  /** A clean end: what is still held may be taken over at once. */
  async leave(): Promise<void> {
    this.#stopHolding()
    await this.#options.nodes.leave(this.#nodeId, this.#options.clock.now())
  }

  /** Once the lease is lost nothing justifies asking a broken store ever so often. */
  #retryIn(): number {
    const { clock, times } = this.#options
    const left = this.#member ? (this.#validUntil - clock.monotonic()) * RETRY_SHARE : times.renewEveryMs
    return Math.max(times.renewEveryMs * RETRY_SHARE, Math.min(times.renewEveryMs, left))
  }

  async #renew(): Promise<void> {
    const { nodes, clock, times } = this.#options
    const asked = clock.monotonic()
    const renewal = await nodes.renew(this.#nodeId, clock.now(), times.ttlMs, this.figures())
    // Meanwhile the lease ran out and everything was stopped: what the store says of the old one no longer matters.
    if (!this.#member) return
    if (renewal === null) return this.#lapse()
    this.#holdFrom(asked)
    this.#measure(renewal.now, asked)
    if (this.#drain(renewal.draining)) await this.#renew()
  }

  async #comeBack(): Promise<void> {
    const { nodes, clock } = this.#options
    // Its runs need not wait for the store to notice.
    await nodes.leave(this.#nodeId, clock.now())
    await this.#register()
  }

  async #register(): Promise<void> {
    const { nodes, clock, times, node, newId } = this.#options
    const id = newId()
    const asked = clock.monotonic()
    const start = { ...node, id, draining: this.#draining }
    const { epoch, now } = await nodes.register(start, clock.now(), times.ttlMs)
    this.#nodeId = id
    this.#epoch = epoch
    this.#member = true
    this.#holdFrom(asked)
    this.#measure(now, asked)
  }

  #holdFrom(asked: number): void {
    const { clock, times } = this.#options
    this.#validUntil = asked + times.ttlMs - times.marginMs
    this.#cancelWatch?.()
    this.#cancelWatch = null
    const left = this.#validUntil - clock.monotonic()
    this.#options.onHold?.(left)
    if (left <= TIMER_MAX_MS) this.#cancelWatch = clock.after(left, () => this.#watch())
  }

  /** A renewal hangs or keeps failing: the time is up all the same. */
  #watch(): void {
    if (!this.holds()) this.#lapse()
    else this.#cancelWatch = this.#options.clock.after(1, () => this.#watch())
  }

  #lapse(): void {
    if (!this.#member) return
    this.#lapses += 1
    this.#stopHolding()
    this.#listener.onLapse(this.#nodeId)
  }

  #stopHolding(): void {
    this.#member = false
    this.#validUntil = Number.NEGATIVE_INFINITY
    this.#options.onHold?.(0)
    this.#cancelWatch?.()
    this.#cancelWatch = null
  }

  #measure(at: number, asked: number): void {
    const { clock, wall, onTime } = this.#options
    const answered = clock.monotonic()
    const middle = (asked + answered) / 2
    this.#skewMs = wall() - (at + answered - middle)
    onTime?.(at, middle, answered - asked)
  }

  /** Heard; what is asked for is told back at once, so that nobody waits for it. */
  #drain(draining: boolean): boolean {
    if (draining === this.#draining) return false
    this.#draining = draining
    this.#listener.onDraining(draining)
    return true
  }
}
