// A worker for runs that come as messages: it takes them from a queue, says that it has begun and is still at it, and how it
// ended. Through every loss of the broker; what could not be said is said when it is back.

import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib'
import { type BusRun, readAssignment } from './bus-run.ts'
import { type Keep, Words } from './words.ts'

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
  /** Runs under way at the same time. As many again may wait here for their turn, not begun and not acknowledged. Default 10. */
  readonly atOnce?: number
  /** How often it says that it is still at it; well below the job's heartbeatTimeout. Default 10 s. */
  readonly heartbeatMs?: number
  /** Told of lost connections and of messages that are none of Carillon. Default: nobody is. */
  readonly onError?: (error: Error) => void
}

export type Worker = AsyncDisposable & {
  /** Takes nothing new, waits for what is under way and a while for a broker that is to hear its end, and leaves. */
  stop(): Promise<void>
}

/** Thrown by `work`: trying again cannot help. */
export class NotRetryable extends Error {
  override readonly name = 'NotRetryable'
}

const AT_ONCE = 10
const HEARTBEAT_MS = 10_000
/** Of the reason why a run failed the scheduler keeps so much. */
const REASON_MAX = 4_096
/** Leaving waits so long for a broker that is away, or a queue that is not there. */
const SAY_WITHIN_MS = 20_000
const STOP_EXCHANGE = 'carillon.stop'
/** Of a channel that has but one. */
const CONSUMER_TAG = 'runs'
const RECOVERY = { initialDelay: 100, maxDelay: 5_000 }

/** Resolves when it has begun to take runs. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const crew = new Crew(options)
  await crew.start()
  return { stop: () => crew.stop(), [Symbol.asyncDispose]: () => crew.stop() }
}

type Connection = { close(): Promise<void> }

class Crew {
  readonly #options: WorkerOptions
  /** Under way here, by run. */
  readonly #runs = new Map<string, { readonly run: BusRun; readonly abort: AbortController }>()
  readonly #words: Words
  #connection: Connection | null = null
  #intake: Channel | null = null
  #stops: { readonly channel: Channel; readonly queue: string } | null = null
  #stopping: Promise<void> | null = null
  #underWay = 0
  /** Taken, and wait until there is a free place. */
  readonly #queued: (() => void)[] = []
  #idle = (): void => {}

  constructor(options: WorkerOptions) {
    this.#options = options
    this.#words = new Words((error) => this.#tell(error))
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
    void this.#leaveQueue()
    // What has not begun is left to the broker.
    for (const wake of this.#queued.splice(0)) wake()
    if (this.#underWay > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#idle = resolve
      await promise
    }
    const unsaid = await this.#words.finish(SAY_WITHIN_MS)
    if (unsaid > 0) {
      const why = 'the broker is away, or no queue takes them'
      this.#tell(new Error(`${unsaid} words for the scheduler could not be said: ${why}`))
    }
    await this.#connection?.close().catch(() => {})
  }

  async #leaveQueue(): Promise<void> {
    try {
      await this.#intake?.cancel(CONSUMER_TAG)
    } catch {
      // The connection is gone, and nothing comes by it any more.
    }
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
    this.#stops = { channel: stops, queue: own.queue }
    for (const id of this.#runs.keys()) await stops.bindQueue(own.queue, STOP_EXCHANGE, id)
    this.#words.open(words)
    if (this.#stopping !== null) return
    // It closes by itself when the broker takes offence: a new connection makes it again.
    channel.on('close', () => {
      if (this.#intake === channel && this.#stopping === null) void model.close().catch(() => {})
    })
    await channel.prefetch(atOnce)
    this.#intake = channel
    const take = (message: ConsumeMessage | null): void => {
      if (message !== null) void this.#take(channel, message)
      // The queue was deleted: a new connection looks for it again.
      else void model.close().catch(() => {})
    }
    await channel.consume(queue, take, { consumerTag: CONSUMER_TAG })
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
    if (!(await this.#place(channel))) return
    // It may have waited with its double.
    if (this.#runs.get(run.id)?.run.fence === run.fence) {
      this.#leavePlace()
      return acknowledge(channel, message)
    }
    const abort = new AbortController()
    // An earlier attempt has been overtaken.
    this.#runs.get(run.id)?.abort.abort()
    this.#runs.set(run.id, { run, abort })
    await this.#listenForStop(run.id)
    const heartbeat = this.#beat(run, replyTo)
    // From here on the heartbeat says that it is in good hands, not the broker.
    if (replyTo !== null) acknowledge(channel, message)
    const end = await this.#carryOut(run, abort.signal)
    clearInterval(heartbeat)
    if (replyTo === null) acknowledge(channel, message)
    else this.#say(replyTo, run, end, 'until-taken')
    await this.#forget(run)
    this.#leavePlace()
  }

  /** Waits until there is room. false: it is not to begin here; the broker still has it. */
  async #place(channel: Channel): Promise<boolean> {
    while (this.#stopping === null && this.#underWay >= (this.#options.atOnce ?? AT_ONCE)) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#queued.push(resolve)
      await promise
    }
    if (this.#stopping !== null || this.#intake !== channel) {
      // The place is for the next one.
      this.#queued.shift()?.()
      return false
    }
    this.#underWay += 1
    return true
  }

  #leavePlace(): void {
    this.#underWay -= 1
    this.#queued.shift()?.()
    if (this.#underWay === 0) this.#idle()
  }

  async #carryOut(run: BusRun, signal: AbortSignal): Promise<object> {
    try {
      await this.#options.work(run, signal)
      return { status: 'completed' }
    } catch (error) {
      if (signal.aborted) return { status: 'cancelled' }
      const reason = error instanceof Error ? error.message : String(error)
      const message = reason.slice(0, REASON_MAX).toWellFormed()
      return { status: 'failed', message, ...(error instanceof NotRetryable ? { retryable: false } : {}) }
    }
  }

  #beat(run: BusRun, replyTo: string | null): NodeJS.Timeout | undefined {
    if (replyTo === null) return undefined
    // A heartbeat says as much.
    this.#say(replyTo, run, { status: 'running' }, 'until-not-taken')
    const beat = (): void => this.#say(replyTo, run, { status: 'heartbeat' }, 'not')
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
    // A later attempt of it still listens.
    if (this.#runs.get(run.id)?.run !== run) return
    this.#runs.delete(run.id)
    const { channel, queue } = this.#stops ?? {}
    if (queue !== undefined) await channel?.unbindQueue(queue, STOP_EXCHANGE, run.id).catch(() => {})
  }

  #say(replyTo: string, run: BusRun, what: object, keep: Keep): void {
    this.#words.say({ replyTo, runId: run.id }, textOf(run, what), keep)
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
