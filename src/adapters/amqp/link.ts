// The one connection to the broker, made anew for as long as it is wanted: at the next host, after a wait that grows. Who
// needs it waits here; who has opened channels on it hears of its end by their end.

import type { Duplex } from 'node:stream'
import { type ChannelModel, connect } from 'amqplib'
import type { Chance } from '../../ports/chance.ts'
import type { Clock } from '../../ports/clock.ts'
import type { StopSignal } from '../../ports/stop.ts'
import type { BrokerAddress } from './address.ts'

const CONNECT_WITHIN_MS = 10_000
const CLOSE_WITHIN_MS = 2_000
const WAIT_MIN_MS = 100
const WAIT_MAX_MS = 5_000
const LOST = 'the connection to the broker was lost'

export type LinkOptions = {
  readonly address: BrokerAddress
  readonly clock: Clock
  readonly chance: Chance
  readonly connectionName: string
  readonly onError: (where: string, error: unknown) => void
}

export class Link implements AsyncDisposable {
  readonly #options: LinkOptions
  #model: ChannelModel | null = null
  #blocked: string | null = null
  #trouble: string | null = 'the broker has not been reached yet'
  #failures = 0
  #closed = false
  #cancelWait: (() => void) | null = null
  #dialling: Promise<void> | null = null
  readonly #changed = new Set<() => void>()
  /** Who hears of the end of a connection; null: it has ended. */
  readonly #ends = new WeakMap<ChannelModel, Set<(error: Error) => void> | null>()

  constructor(options: LinkOptions) {
    this.#options = options
    this.#dial()
  }

  /** Why nothing can be published now. */
  trouble(): string | null {
    return this.#blocked ?? this.#trouble
  }

  /** The connection, when it is there; `unblocked`: and takes messages. */
  now(unblocked: boolean): ChannelModel | null {
    return unblocked && this.#blocked !== null ? null : this.#model
  }

  /** Waits for the connection. null: the signal came first, or it is closed for good. */
  async wait(unblocked: boolean, signal: StopSignal): Promise<ChannelModel | null> {
    while (!signal.aborted && !this.#closed) {
      const model = this.now(unblocked)
      if (model !== null) return model
      await this.#change(signal)
    }
    return null
  }

  /** What is asked on a connection, or its end: some questions stay open for ever when the connection is lost. */
  during<Answer>(model: ChannelModel, asked: Promise<Answer>): Promise<Answer> {
    const heard = this.#ends.get(model)
    if (heard === undefined) return asked
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    asked.then(resolve, reject)
    if (heard === null) reject(new Error(LOST))
    // Taken out again: whoever asks for each message would fill the memory of a connection that lasts.
    else {
      heard.add(reject)
      asked.finally(() => heard.delete(reject)).catch(() => {})
    }
    return promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#cancelWait?.()
    this.#tell()
    await this.#dialling
    const model = this.#model
    this.#model = null
    if (model !== null) await this.#close(model)
  }

  /** A broker short of memory does not even take a goodbye. */
  async #close(model: ChannelModel): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const cancel = this.#options.clock.after(CLOSE_WITHIN_MS, resolve)
    await Promise.race([model.close().catch(() => {}), late])
    cancel()
    this.#ended(model)
    ;(model.connection as unknown as { stream: Duplex }).stream.destroy()
  }

  #change(signal: StopSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const heard = (): void => resolve()
    this.#changed.add(heard)
    signal.addEventListener('abort', heard)
    return promise.finally(() => {
      this.#changed.delete(heard)
      signal.removeEventListener('abort', heard)
    })
  }

  #tell(): void {
    for (const heard of this.#changed) heard()
  }

  #dial(): void {
    this.#cancelWait = null
    if (this.#closed) return
    this.#dialling = this.#connect().finally(() => {
      this.#dialling = null
    })
  }

  async #connect(): Promise<void> {
    const { address, connectionName } = this.#options
    const { host, port } = address.hosts[this.#failures % address.hosts.length]!
    try {
      const model = await connect(
        {
          protocol: address.tls === null ? 'amqp' : 'amqps',
          hostname: host,
          port,
          username: address.user,
          password: address.password,
          vhost: encodeURIComponent(address.vhost),
          heartbeat: address.heartbeatSeconds,
        },
        {
          ...address.tls,
          timeout: CONNECT_WITHIN_MS,
          noDelay: true,
          clientProperties: { connection_name: connectionName },
        },
      )
      this.#opened(model)
    } catch (error) {
      this.#lost(`the broker at ${host}:${port} cannot be reached: ${reasonOf(error)}`, error)
    }
  }

  #opened(model: ChannelModel): void {
    if (this.#closed) return void model.close().catch(() => {})
    this.#ends.set(model, new Set())
    let cause: unknown = null
    model.on('error', (error) => {
      cause = error
    })
    model.on('handler-error', (error) => this.#options.onError('message bus', error))
    model.on('close', (error) => {
      this.#ended(model)
      if (this.#model !== model) return
      this.#model = null
      this.#blocked = null
      if (!this.#closed) this.#lost(LOST, cause ?? error)
    })
    model.on('blocked', (reason) => {
      this.#blocked = `the broker takes no messages: ${reason}`
      this.#options.onError('message bus', new Error(this.#blocked))
    })
    model.on('unblocked', () => {
      this.#blocked = null
      this.#tell()
    })
    this.#model = model
    this.#failures = 0
    this.#trouble = null
    this.#tell()
  }

  #ended(model: ChannelModel): void {
    const heard = this.#ends.get(model) ?? []
    this.#ends.set(model, null)
    for (const reject of heard) reject(new Error(LOST))
  }

  #lost(trouble: string, error: unknown): void {
    this.#trouble = trouble
    this.#options.onError('message bus', new Error(trouble, { cause: error }))
    const longest = Math.min(WAIT_MAX_MS, WAIT_MIN_MS * 2 ** Math.min(this.#failures, 10))
    this.#failures += 1
    const wait = longest * (0.5 + this.#options.chance.random() / 2)
    if (!this.#closed) this.#cancelWait = this.#options.clock.after(wait, () => this.#dial())
  }
}

/** Of a refused connection the message may be empty, and only the code says something. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  return error.message || (error as NodeJS.ErrnoException).code || error.name
}
