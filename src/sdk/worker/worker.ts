// A worker for runs that come as messages: it takes them from a queue, says that it has begun and is still at it, and how it
// ended. Through every loss of the broker; what could not be said is said when it is back.

import { type Channel, type ChannelModel, type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib'
import { type BusRun, readAssignment } from './bus-run.ts'

export type { BusRun } from './bus-run.ts'

export type WorkerOptions = {
  /** amqp://user:password@host:5672/vhost, or amqps://… */
  readonly url: string
  /** Where the runs come from; it must be there. */
  readonly queue: string
  /**
   * Does the work of one run. What it throws is how the run failed; `signal` is aborted when the run is to stop. The same
   * run may come again: `run.id` stays the same, `run.fence` grows.
   */
  readonly work: (run: BusRun, signal: AbortSignal) => unknown
  /** Runs under way at the same time. Default 10. */
  readonly atOnce?: number
  /** How often it says that it is still at it; well below the job's heartbeatTimeout. Default 10 s. */
  readonly heartbeatMs?: number
  /** Told of lost connections and of messages that are none of Carillon. Default: nobody is. */
  readonly onError?: (error: Error) => void
}

export type Worker = AsyncDisposable & {
  /** Takes nothing new, waits for what is under way, and leaves. */
  stop(): Promise<void>
}

/** Thrown by `work`: trying again cannot help. */
export class NotRetryable extends Error {
  override readonly name = 'NotRetryable'
}

const AT_ONCE = 10
const HEARTBEAT_MS = 10_000
const STOP_EXCHANGE = 'carillon.stop'
const RECOVERY = { initialDelay: 100, maxDelay: 5_000 }

/** Resolves when it has begun to take runs. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const crew = new Crew(options)
  await crew.start()
  return { stop: () => crew.stop(), [Symbol.asyncDispose]: () => crew.stop() }
}

type Connection = { close(): Promise<void> }
type Word = { readonly replyTo: string; readonly text: string }

class Crew {
  readonly #options: WorkerOptions
  /** Under way here, by run. */
  readonly #runs = new Map<string, { readonly run: BusRun; readonly abort: AbortController }>()
  /** Ends that the broker has not confirmed. */
  readonly #unsaid = new Set<Word>()
  #connection: Connection | null = null
  #words: ConfirmChannel | null = null
  #intake: { readonly channel: Channel; readonly tag: string } | null = null
  #stops: { readonly channel: Channel; readonly queue: string } | null = null
  #stopping: Promise<void> | null = null
  #idle = (): void => {}

  constructor(options: WorkerOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const setup = (model: ChannelModel): Promise<void> => this.#setUp(model)
    const connection = await connect(this.#options.url, { recovery: { ...RECOVERY, setup } })
    connection.on('error', (error) => this.#tell(error))
    connection.on('disconnect', (error) => this.#tell(error))
    this.#connection = connection
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    const intake = this.#intake
    await intake?.channel.cancel(intake.tag).catch(() => {})
    if (this.#runs.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#idle = resolve
      await promise
    }
    await this.#words?.waitForConfirms().catch(() => {})
    await this.#connection?.close().catch(() => {})
  }

  /** After each connection: what the broker forgot of us is made again. */
  async #setUp(model: ChannelModel): Promise<void> {
    const { queue, atOnce = AT_ONCE } = this.#options
    const words = await model.createConfirmChannel()
    const stops = await model.createChannel()
    const channel = await model.createChannel()
    for (const one of [words, stops, channel]) one.on('error', (error: Error) => this.#tell(error))
    await stops.assertExchange(STOP_EXCHANGE, 'topic', { durable: true })
    const own = await stops.assertQueue('', { exclusive: true, autoDelete: true })
    await stops.consume(own.queue, (message) => this.#hearStop(message), { noAck: true })
    this.#words = words
    this.#stops = { channel: stops, queue: own.queue }
    for (const id of this.#runs.keys()) await stops.bindQueue(own.queue, STOP_EXCHANGE, id)
    for (const word of this.#unsaid) this.#publish(word)
    if (this.#stopping !== null) return
    await channel.prefetch(atOnce)
    const { consumerTag } = await channel.consume(queue, (message) => {
      if (message !== null) void this.#take(channel, message)
      // The queue was deleted: a new connection looks for it again.
      else void model.close().catch(() => {})
    })
    this.#intake = { channel, tag: consumerTag }
  }

  async #take(channel: Channel, message: ConsumeMessage): Promise<void> {
    const assignment = readAssignment(message)
    if (assignment === null) {
      this.#tell(new Error('a message that is none of Carillon was dropped'))
      return acknowledge(channel, message)
    }
    const { run, replyTo } = assignment
    // Brought again after a lost connection, and under way here still.
    if (this.#runs.get(run.id)?.run.fence === run.fence) return acknowledge(channel, message)
    const abort = new AbortController()
    this.#runs.set(run.id, { run, abort })
    await this.#listenForStop(run.id)
    const heartbeat = this.#beat(run, replyTo)
    // From here on the heartbeat says that it is in good hands, not the broker.
    if (replyTo !== null) acknowledge(channel, message)
    const end = await this.#carryOut(run, abort.signal)
    clearInterval(heartbeat)
    if (replyTo === null) acknowledge(channel, message)
    else this.#say(replyTo, run, end)
    await this.#forget(run)
  }

  async #carryOut(run: BusRun, signal: AbortSignal): Promise<object> {
    try {
      await this.#options.work(run, signal)
      return { status: 'completed' }
    } catch (error) {
      if (signal.aborted) return { status: 'cancelled' }
      const message = error instanceof Error ? error.message : String(error)
      return { status: 'failed', message, ...(error instanceof NotRetryable ? { retryable: false } : {}) }
    }
  }

  #beat(run: BusRun, replyTo: string | null): NodeJS.Timeout | undefined {
    if (replyTo === null) return undefined
    this.#say(replyTo, run, { status: 'running' })
    const beat = (): void => this.#publish({ replyTo, text: textOf(run, { status: 'heartbeat' }) })
    return setInterval(beat, this.#options.heartbeatMs ?? HEARTBEAT_MS)
  }

  async #listenForStop(runId: string): Promise<void> {
    const { channel, queue } = this.#stops ?? {}
    if (queue !== undefined) await channel?.bindQueue(queue, STOP_EXCHANGE, runId).catch(() => {})
  }

  #hearStop(message: ConsumeMessage | null): void {
    const known = message === null ? undefined : this.#runs.get(message.fields.routingKey)
    const fence = message === null ? null : fenceOf(message)
    // A later attempt of the same run is not meant.
    if (known !== undefined && fence !== null && known.run.fence <= fence) known.abort.abort()
  }

  async #forget(run: BusRun): Promise<void> {
    if (this.#runs.get(run.id)?.run === run) this.#runs.delete(run.id)
    const { channel, queue } = this.#stops ?? {}
    if (queue !== undefined) await channel?.unbindQueue(queue, STOP_EXCHANGE, run.id).catch(() => {})
    if (this.#runs.size === 0) this.#idle()
  }

  /** Kept until the broker has it. */
  #say(replyTo: string, run: BusRun, what: object): void {
    const word = { replyTo, text: textOf(run, what) }
    this.#unsaid.add(word)
    this.#publish(word)
  }

  /** What does not get through now is published after the next connection, if it was to be kept. */
  #publish(word: Word): void {
    try {
      const options = { persistent: true, contentType: 'application/json' }
      this.#words?.sendToQueue(word.replyTo, Buffer.from(word.text), options, (error) => {
        if (error === null || error === undefined) this.#unsaid.delete(word)
      })
    } catch {
      // The channel has closed.
    }
  }

  #tell(error: Error): void {
    this.#options.onError?.(error)
  }
}

function textOf({ id, fence }: BusRun, what: object): string {
  return JSON.stringify({ runId: id, fence, ...what })
}

function fenceOf({ content }: ConsumeMessage): number | null {
  try {
    const { fence } = JSON.parse(content.toString('utf8')) as { fence?: unknown }
    return typeof fence === 'number' ? fence : null
  } catch {
    return null
  }
}

function acknowledge(channel: Channel, message: ConsumeMessage): void {
  try {
    channel.ack(message)
  } catch {
    // The channel has closed: the broker brings the message again.
  }
}
