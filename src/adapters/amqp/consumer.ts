// Takes messages from one queue and hands them over, as many as have come, one call at a time. They are acknowledged when
// the handler is done with them; after a lost connection the broker brings those again that were not.

import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'
import type { Clock } from '../../ports/clock.ts'
import type {
  BusMessage,
  Consumption,
  Listener,
  Published,
  ReceivedMessage,
  Verdict,
} from '../../ports/message-bus.ts'
import { Stop } from '../../ports/stop.ts'
import type { Link } from './link.ts'
import { declareOn } from './topology.ts'

const WAIT_MIN_MS = 100
/** A broker that has just started refuses for a while what it will have in a moment. */
const WAIT_MAX_MS = 5_000
/** So often a dead letter is tried; then it is reported and dropped, so that it does not hold up the rest. */
const DEAD_TRIES = 3

type Handle = (messages: readonly ReceivedMessage[]) => Promise<readonly Verdict[]>
type Delivery = { readonly raw: ConsumeMessage; readonly message: ReceivedMessage }

export type ConsumerOptions = {
  readonly link: Link
  readonly clock: Clock
  readonly newId: () => string
  readonly publish: (message: BusMessage, signal: Stop) => Promise<Published>
  readonly onError: (where: string, error: unknown) => void
}

export class Consumer implements Listener {
  readonly #options: ConsumerOptions
  readonly #consumption: Consumption
  readonly #handle: Handle
  readonly #stop = new Stop()
  readonly #running: Promise<void>
  #session: Session | null = null

  constructor(options: ConsumerOptions, consumption: Consumption, handle: Handle) {
    this.#options = options
    this.#consumption = consumption
    this.#handle = handle
    this.#running = this.#run()
  }

  since(): number | null {
    return this.#session === null || this.#session.isOver ? null : this.#session.since
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.stop()
    this.#session?.end()
    await this.#running
  }

  async #run(): Promise<void> {
    const { link } = this.#options
    let failures = 0
    for (;;) {
      const model = await link.wait(false, this.#stop)
      if (model === null) return
      const session = new Session()
      this.#session = session
      try {
        await link.during(model, this.#begin(model, session))
        failures = 0
        await link.during(model, session.ended).catch(() => {})
      } catch (error) {
        failures += 1
        this.#options.onError(`queue ${this.#consumption.queue}`, error)
      }
      await session.close((closing) => link.during(model, closing))
      if (!this.#stop.aborted) await this.#pause(failures)
    }
  }

  async #begin(model: ChannelModel, session: Session): Promise<void> {
    const { queue, prefetch, topology, bytesMax } = this.#consumption
    await declareOn(model, topology)
    const channel = await model.createChannel()
    session.channel = channel
    channel.on('error', (error) => this.#options.onError(`queue ${queue}`, error))
    channel.on('close', () => session.end())
    await channel.prefetch(prefetch)
    await channel.consume(queue, (raw) => {
      // The queue was deleted under us; it is made again.
      if (raw === null) return session.end()
      session.waiting.push({ raw, message: received(raw, bytesMax) })
      session.pumping ??= this.#pump(session).finally(() => {
        session.pumping = null
      })
    })
    session.since = this.#options.clock.now()
    if (this.#stop.aborted) session.end()
  }

  async #pump(session: Session): Promise<void> {
    // What came in one piece is handled in one piece.
    await null
    while (session.waiting.length > 0 && !session.isOver) {
      const batch = session.waiting.splice(0, this.#consumption.prefetch)
      const verdicts = await this.#judge(batch, session)
      if (verdicts === null) return
      await this.#bury(batch, verdicts)
      if (session.isOver) return
      session.channel!.ack(batch.at(-1)!.raw, true)
    }
  }

  /** The same messages until the handler has an answer. null: the session has ended, and the broker keeps them. */
  async #judge(batch: readonly Delivery[], session: Session): Promise<readonly Verdict[] | null> {
    for (let failures = 0; !session.isOver; failures += 1) {
      try {
        const verdicts = await this.#handle(batch.map(({ message }) => message))
        session.since ??= this.#options.clock.now()
        return verdicts
      } catch (error) {
        session.since = null
        this.#options.onError(`queue ${this.#consumption.queue}`, error)
        await Promise.race([this.#pause(failures + 1), session.ended])
      }
    }
    return null
  }

  async #bury(batch: readonly Delivery[], verdicts: readonly Verdict[]): Promise<void> {
    const dead = batch.flatMap(({ raw, message }, position) => {
      const verdict = verdicts[position]
      return verdict?.kind === 'dead' ? [{ raw, message, reason: verdict.reason }] : []
    })
    await Promise.all(dead.map((letter) => this.#buryOne(letter)))
  }

  async #buryOne({ raw, message, reason }: Delivery & { readonly reason: string }): Promise<void> {
    const { queue, deadLetters, topology } = this.#consumption
    const letter: BusMessage = {
      exchange: '',
      routingKey: deadLetters,
      id: this.#options.newId(),
      body: message.body,
      contentType: message.contentType,
      headers: {
        'x-carillon-reason': reason,
        'x-carillon-queue': queue,
        'x-carillon-exchange': message.exchange,
        'x-carillon-routing-key': message.routingKey,
        'x-carillon-bytes': message.bytes,
        'x-carillon-message-id': String(raw.properties.messageId ?? ''),
      },
    }
    for (let tries = 0; tries < DEAD_TRIES && !this.#stop.aborted; tries += 1) {
      const published = await this.#options.publish(letter, this.#stop)
      if (published.kind === 'confirmed') return
      const { link } = this.#options
      const model = link.now(false)
      if (published.kind === 'unroutable' && model !== null) {
        await link.during(model, declareOn(model, topology)).catch(() => {})
      }
    }
    const what = `a message that nobody can use (${reason}) could not be kept in ${deadLetters}`
    this.#options.onError(`queue ${queue}`, new Error(what))
  }

  #pause(failures: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const wait = Math.min(WAIT_MAX_MS, WAIT_MIN_MS * 2 ** Math.min(failures, 10))
    const cancel = this.#options.clock.after(wait, resolve)
    this.#stop.addEventListener('abort', resolve)
    return promise.finally(() => {
      cancel()
      this.#stop.removeEventListener('abort', resolve)
    })
  }
}

/** From one beginning to the next loss. */
class Session {
  readonly #over = Promise.withResolvers<void>()
  channel: Channel | null = null
  waiting: Delivery[] = []
  pumping: Promise<void> | null = null
  isOver = false
  /** Since when all that comes is handled; null: it has not begun, or the handler fails. */
  since: number | null = null

  get ended(): Promise<void> {
    return this.#over.promise
  }

  end(): void {
    this.isOver = true
    this.#over.resolve()
  }

  /** Resolves when the handler is no longer at work on what came here. */
  async close(whileConnected: (closing: Promise<void>) => Promise<void>): Promise<void> {
    this.end()
    await this.pumping
    // It may have been closed by what ended the session.
    if (this.channel !== null) await whileConnected(this.channel.close()).catch(() => {})
  }
}

function received({ content, fields, properties }: ConsumeMessage, bytesMax: number): ReceivedMessage {
  return {
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    // A copy: what is dropped is not to be kept alive by what is left.
    body: content.length > bytesMax ? Buffer.from(content.subarray(0, bytesMax)) : content,
    bytes: content.length,
    contentType: typeof properties.contentType === 'string' ? properties.contentType : '',
    headers: properties.headers ?? {},
  }
}
