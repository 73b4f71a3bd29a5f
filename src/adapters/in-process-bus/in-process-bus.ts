// A message bus inside this process: for stories, for trying things out without a broker, and as the shortest example of
// what another bus must do. What it holds is gone with the process.

import type { Clock } from '../../ports/clock.ts'
import type {
  BusMessage,
  Consumption,
  Declared,
  Listener,
  MessageBus,
  Published,
  ReceivedMessage,
  Topology,
  Verdict,
} from '../../ports/message-bus.ts'
import { Stop, type StopSignal } from '../../ports/stop.ts'

const RETRY_MS = 100

type Handle = (messages: readonly ReceivedMessage[]) => Promise<readonly Verdict[]>
type Exchange = {
  readonly type: string
  /** To a queue, or on to another exchange. */
  readonly bindings: { queue?: string; exchange?: string; routingKey: string }[]
}

/** What all who opened it share. */
export class InProcessBroker {
  static readonly #named = new Map<string, InProcessBroker>()

  /** The same broker for the same name, for all in this process. */
  static named(name: string, clock: Clock): InProcessBroker {
    const known = InProcessBroker.#named.get(name) ?? new InProcessBroker(clock)
    InProcessBroker.#named.set(name, known)
    return known
  }

  readonly #clock: Clock
  readonly #exchanges = new Map<string, Exchange>()
  readonly #queues = new Map<string, { messages: ReceivedMessage[]; messagesMax: number }>()
  readonly #listeners = new Set<() => void>()
  readonly #readers: string[] = []
  #trouble: string | null = null
  #mendedAt = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  open(): MessageBus {
    const stop = new Stop()
    const consumers = new Set<AsyncDisposable>()
    return {
      trouble: () => this.#trouble,
      declare: (topology, signal) => this.#declare(topology, signal),
      remove: async (topology, signal) => {
        const mended = await this.#mended(signal)
        if (mended) this.#remove(topology)
        return mended
      },
      publish: (message, signal, mayLeave) => this.#publish(message, signal, mayLeave),
      consume: (consumption, handle) => {
        const consumer = this.#consume(consumption, handle, stop)
        consumers.add(consumer)
        return consumer
      },
      async [Symbol.asyncDispose]() {
        stop.stop()
        for (const consumer of consumers) await consumer[Symbol.asyncDispose]()
      },
    }
  }

  /** Nothing goes in or out, until it is mended. */
  break(why: string): void {
    this.#trouble = why
  }

  mend(): void {
    this.#trouble = null
    this.#mendedAt = this.#clock.now()
    this.#tell()
  }

  deleteQueue(name: string): void {
    this.#queues.delete(name)
    for (const { bindings } of this.#exchanges.values()) {
      bindings.splice(0, bindings.length, ...bindings.filter(({ queue }) => queue !== name))
    }
  }

  deleteExchange(name: string): void {
    this.#exchanges.delete(name)
  }

  hasQueue(name: string): boolean {
    return this.#queues.has(name)
  }

  /** What waits in a queue. */
  waiting(queue: string): readonly ReceivedMessage[] {
    return this.#queues.get(queue)?.messages ?? []
  }

  async #declare(topology: Topology, signal: StopSignal): Promise<Declared> {
    if (!(await this.#mended(signal))) return { kind: 'unavailable', message: this.#trouble ?? 'given up' }
    return this.#make(topology)
  }

  #make({ exchanges = [], queues = [], bindings = [], relays = [] }: Topology): Declared {
    for (const { name, type } of exchanges) {
      const known = this.#exchanges.get(name)
      if (known === undefined) this.#exchanges.set(name, { type, bindings: [] })
      else if (known.type !== type) return refusal(`the exchange "${name}" is of type ${known.type}`)
    }
    for (const { name, messagesMax = Number.POSITIVE_INFINITY } of queues) {
      const known = this.#queues.get(name)
      if (known === undefined) this.#queues.set(name, { messages: [], messagesMax })
      else if (known.messagesMax !== messagesMax) return refusal(`the queue "${name}" has another bound`)
    }
    for (const { queue, exchange, routingKey } of bindings) {
      const source = this.#exchanges.get(exchange)
      if (source === undefined || !this.#queues.has(queue)) {
        return refusal(`there is no ${source === undefined ? `exchange "${exchange}"` : `queue "${queue}"`}`)
      }
      const bound = source.bindings.some((one) => one.queue === queue && one.routingKey === routingKey)
      if (!bound) source.bindings.push({ queue, routingKey })
    }
    for (const { from, to, routingKey } of relays) {
      const source = this.#exchanges.get(from)
      if (source === undefined || !this.#exchanges.has(to))
        return refusal(`there is no exchange "${from}" or "${to}"`)
      const bound = source.bindings.some((one) => one.exchange === to && one.routingKey === routingKey)
      if (!bound) source.bindings.push({ exchange: to, routingKey })
    }
    return { kind: 'declared' }
  }

  #remove({ exchanges = [], queues = [], relays = [] }: Topology): void {
    for (const { name } of queues) {
      if (!this.#readers.includes(name)) this.deleteQueue(name)
    }
    for (const { from, to, routingKey } of relays) {
      const bindings = this.#exchanges.get(from)?.bindings ?? []
      const at = bindings.findIndex((one) => one.exchange === to && one.routingKey === routingKey)
      if (at >= 0) bindings.splice(at, 1)
    }
    for (const { name } of exchanges) {
      if (this.#exchanges.get(name)?.bindings.length === 0) this.deleteExchange(name)
    }
  }

  async #publish(message: BusMessage, signal: StopSignal, mayLeave?: () => boolean): Promise<Published> {
    if (!(await this.#mended(signal))) {
      return {
        kind: 'unavailable',
        message: this.#trouble ?? 'it was given up before it was sent',
        reached: 'no',
      }
    }
    if (mayLeave?.() === false) {
      const message = 'the node lost its lease before anything was sent'
      return { kind: 'unavailable', message, reached: 'no' }
    }
    const { exchange, routingKey } = message
    if (exchange !== '' && !this.#exchanges.has(exchange)) {
      return { kind: 'unroutable', message: `there is no exchange "${exchange}" on the broker` }
    }
    const queues = this.#routed(exchange, routingKey).filter((queue) => this.#queues.has(queue))
    if (queues.length === 0) {
      const why =
        exchange === ''
          ? `there is no queue "${routingKey}" on the broker`
          : `no queue is bound to the exchange "${exchange}" that takes the routing key "${routingKey}"`
      return { kind: 'unroutable', message: why }
    }
    const { body, contentType, headers } = message
    const copy = { exchange, routingKey, body, bytes: body.byteLength, contentType, headers }
    for (const name of queues) {
      const { messages, messagesMax } = this.#queues.get(name)!
      messages.push(copy)
      if (messages.length > messagesMax) messages.shift()
    }
    this.#tell()
    return { kind: 'confirmed' }
  }

  #routed(exchange: string, key: string): string[] {
    if (exchange === '') return [key]
    const known = this.#exchanges.get(exchange)
    if (known === undefined) return []
    const { type, bindings } = known
    const wanted = bindings.filter(({ routingKey }) => {
      if (type === 'fanout') return true
      return type === 'topic' ? matches(routingKey.split('.'), key.split('.')) : routingKey === key
    })
    return [...new Set(wanted.flatMap(({ queue, exchange: next = '' }) => queue ?? this.#routed(next, key)))]
  }

  #consume(consumption: Consumption, handle: Handle, closed: StopSignal): Listener {
    const stop = new Stop()
    closed.addEventListener('abort', () => stop.stop())
    let handledSince: number | null = this.#clock.now()
    const noting: Handle = async (messages) => {
      try {
        const verdicts = await handle(messages)
        handledSince ??= this.#clock.now()
        return verdicts
      } catch (error) {
        handledSince = null
        throw error
      }
    }
    this.#readers.push(consumption.queue)
    const running = this.#run(consumption, noting, stop).finally(() => {
      this.#readers.splice(this.#readers.indexOf(consumption.queue), 1)
    })
    return {
      since: () =>
        this.#trouble !== null || handledSince === null ? null : Math.max(handledSince, this.#mendedAt),
      async [Symbol.asyncDispose]() {
        stop.stop()
        await running
      },
    }
  }

  async #run({ queue, topology, prefetch, bytesMax, deadLetters }: Consumption, handle: Handle, stop: Stop) {
    while (await this.#mended(stop)) {
      this.#make(topology)
      const batch = this.#queues.get(queue)?.messages.slice(0, prefetch) ?? []
      if (batch.length === 0) {
        await this.#change(stop)
        continue
      }
      try {
        const cut = batch.map((one) => ({ ...one, body: one.body.subarray(0, bytesMax) }))
        const verdicts = await handle(cut)
        for (const [position, { body, ...one }] of cut.entries()) {
          const verdict = verdicts[position]
          if (verdict?.kind !== 'dead') continue
          const headers = {
            'x-carillon-reason': verdict.reason,
            'x-carillon-queue': queue,
            'x-carillon-exchange': one.exchange,
            'x-carillon-routing-key': one.routingKey,
            'x-carillon-bytes': one.bytes,
          }
          this.#queues.get(deadLetters)?.messages.push({ ...one, body, headers })
        }
        this.#take(queue, batch)
      } catch {
        await this.#pause(stop)
      }
    }
  }

  #take(queue: string, batch: readonly ReceivedMessage[]): void {
    const messages = this.#queues.get(queue)?.messages
    for (const one of batch) {
      const at = messages?.indexOf(one) ?? -1
      if (at >= 0) messages!.splice(at, 1)
    }
    this.#tell()
  }

  /** false: the signal came first. */
  async #mended(signal: StopSignal): Promise<boolean> {
    while (this.#trouble !== null && !signal.aborted) await this.#change(signal)
    return !signal.aborted
  }

  #change(signal: StopSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const heard = (): void => resolve()
    this.#listeners.add(heard)
    signal.addEventListener('abort', heard)
    // It may have come since whoever waits has looked.
    if (signal.aborted) resolve()
    return promise.finally(() => {
      this.#listeners.delete(heard)
      signal.removeEventListener('abort', heard)
    })
  }

  #pause(stop: Stop): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#clock.after(RETRY_MS, resolve)
    stop.addEventListener('abort', resolve)
    return promise.finally(cancel)
  }

  #tell(): void {
    for (const heard of this.#listeners) heard()
  }
}

function refusal(message: string): Declared {
  return { kind: 'refused', message }
}

/** A pattern of a topic exchange: `*` is one word, `#` any number of them. */
function matches(pattern: readonly string[], words: readonly string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return words.length === 0
  if (first === '#') return matches(rest, words) || (words.length > 0 && matches(pattern, words.slice(1)))
  return words.length > 0 && (first === '*' || first === words[0]) && matches(rest, words.slice(1))
}
