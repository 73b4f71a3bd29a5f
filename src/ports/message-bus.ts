// What the core needs of a message bus. Nothing here is durable for us: what counts is in the ledger before a message
// leaves, and a message may come late, twice, out of order or never.

import type { StopSignal } from './stop.ts'

/** Where a message goes: to an exchange with a key, or with exchange "" straight to the queue of that name. */
export type BusAddress = { readonly exchange: string; readonly routingKey: string }

export type HeaderValue = string | number | boolean

export type BusMessage = BusAddress & {
  /** Differs from that of every other message under way. */
  readonly id: string
  readonly body: Uint8Array
  readonly contentType: string
  readonly headers: Readonly<Record<string, HeaderValue>>
  /** The queue that answers go to. */
  readonly replyTo?: string
}

export type Published =
  /** The bus has it, in at least one queue, on disk. */
  | { readonly kind: 'confirmed' }
  /** It is in no queue: there is no such exchange, or nothing is bound that wants it. */
  | { readonly kind: 'unroutable'; readonly message: string }
  /** The bus said no: a queue is full, or the message too large. */
  | { readonly kind: 'refused'; readonly message: string }
  /** `no`: it never left. `maybe`: it left, and nobody confirmed it. */
  | { readonly kind: 'unavailable'; readonly message: string; readonly reached: 'no' | 'maybe' }

/** Durable all of it. What is there already is left as it is; where it is otherwise the bus refuses. */
export type Topology = {
  readonly exchanges?: readonly { readonly name: string; readonly type: 'direct' | 'topic' | 'fanout' }[]
  readonly queues?: readonly QueueRule[]
  readonly bindings?: readonly (BusAddress & { readonly queue: string })[]
  /** Exchanges that get what another one hands on to them. */
  readonly relays?: readonly { readonly from: string; readonly to: string; readonly routingKey: string }[]
}

export type QueueRule = {
  readonly name: string
  /** Above this the oldest are dropped. Absent: no bound. */
  readonly messagesMax?: number
}

export type Declared =
  | { readonly kind: 'declared' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'unavailable'; readonly message: string }

export type ReceivedMessage = {
  readonly exchange: string
  readonly routingKey: string
  /** At most `bytesMax` of it. */
  readonly body: Uint8Array
  /** Of the whole body. */
  readonly bytes: number
  readonly contentType: string
  readonly headers: Readonly<Record<string, unknown>>
}

export type Verdict =
  | { readonly kind: 'done' }
  /** Nobody here can use it: it goes to the dead letters, with the reason. */
  | { readonly kind: 'dead'; readonly reason: string }

export type Consumption = {
  readonly queue: string
  /** Declared before each beginning: whatever is missing by then is made again. */
  readonly topology: Topology
  /** Messages under way to the handler at the same time; it gets at most as many in one call. */
  readonly prefetch: number
  /** Of a longer body the rest is dropped as it arrives. */
  readonly bytesMax: number
  /** Where messages go that nobody can use. */
  readonly deadLetters: string
}

export interface Listener extends AsyncDisposable {
  /** Since when what comes is handed over without a break, by the clock's `now`. null: it is not, now. */
  since(): number | null
}

export interface MessageBus extends AsyncDisposable {
  /** null: it can be published to. Else what is in the way, in a sentence. */
  trouble(): string | null
  /** Never throws. Waits while the bus is away, until the signal; then nothing has been declared. */
  declare(topology: Topology, signal: StopSignal): Promise<Declared>
  /**
   * Takes away of it what nobody uses: queues that nobody reads, with what waits in them, then exchanges that lead
   * nowhere any more. Never throws; what cannot be taken away stays. false: it did not come to its end (the bus is away, or
   * was lost meanwhile), and is to be asked for again.
   */
  remove(topology: Topology, signal: StopSignal): Promise<boolean>
  /**
   * Never throws. Waits while the bus is away or takes nothing, until the signal; once it has left, for its confirmation.
   * `mayLeave` is asked right before it leaves.
   */
  publish(message: BusMessage, signal: StopSignal, mayLeave?: () => boolean): Promise<Published>
  /**
   * Hands messages over in the order they came, one call at a time, until it is disposed of; through every loss of the
   * bus, and of the queue. A verdict for each, in order. A handler that throws gets the same messages again, later and later.
   */
  consume(
    consumption: Consumption,
    handle: (messages: readonly ReceivedMessage[]) => Promise<readonly Verdict[]>,
  ): Listener
}
