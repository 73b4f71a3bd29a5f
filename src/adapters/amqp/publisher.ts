// Publishes: by one lane for each exchange, with few of them open at a time.

import type { ChannelModel } from 'amqplib'
import type { BusMessage, Published } from '../../ports/message-bus.ts'
import type { StopSignal } from '../../ports/stop.ts'
import { Lane, noExchange } from './lane.ts'
import { type Link, reasonOf } from './link.ts'
import { isRefusal, unlessStopped } from './topology.ts'

/** Channels open for publishing; a broker takes some two thousand on a connection. */
export const LANES_MAX = 256

const NO_LEASE = 'the node lost its lease before anything was sent'

export class Publisher {
  readonly #link: Link
  readonly #lanes = new Map<string, Promise<Lane>>()
  #model: ChannelModel | null = null

  constructor(link: Link) {
    this.#link = link
  }

  async publish(message: BusMessage, signal: StopSignal, mayLeave?: () => boolean): Promise<Published> {
    for (;;) {
      const model = this.#link.now(true) ?? (await this.#link.wait(true, signal))
      if (model === null) return this.#away()
      let lane: Lane | null
      try {
        lane = await unlessStopped(this.#link.during(model, this.#lane(model, message.exchange)), signal)
      } catch (error) {
        if (isRefusal(error)) return refused(message.exchange, error)
        // The connection went meanwhile.
        if (this.#link.now(true) !== model) continue
        return { kind: 'unavailable', message: reasonOf(error), reached: 'no' }
      }
      if (lane === null || signal.aborted) return this.#away()
      if (mayLeave?.() === false) return { kind: 'unavailable', message: NO_LEASE, reached: 'no' }
      if (lane.isOpen) return lane.send(message, signal)
      this.#lanes.delete(message.exchange)
    }
  }

  #away(): Published {
    const message = this.#link.trouble() ?? 'it was given up before it was sent'
    return { kind: 'unavailable', message, reached: 'no' }
  }

  #lane(model: ChannelModel, exchange: string): Promise<Lane> {
    if (this.#model !== model) {
      this.#model = model
      this.#lanes.clear()
    }
    const known = this.#lanes.get(exchange)
    // The one used last stands last.
    if (known !== undefined) {
      if (this.#lanes.size > LANES_MAX / 2) this.#lanes.delete(exchange)
      this.#lanes.set(exchange, known)
      return known
    }
    const opening = Lane.open(model, exchange)
    this.#lanes.set(exchange, opening)
    opening.catch(() => {
      if (this.#lanes.get(exchange) === opening) this.#lanes.delete(exchange)
    })
    if (this.#lanes.size > LANES_MAX) void this.#closeIdle()
    return opening
  }

  async #closeIdle(): Promise<void> {
    for (const [exchange, opening] of this.#lanes) {
      if (this.#lanes.size <= LANES_MAX) return
      const lane = await opening.catch(() => null)
      if (lane?.isIdle !== true || this.#lanes.get(exchange) !== opening) continue
      this.#lanes.delete(exchange)
      await lane.close()
    }
  }
}

function refused(exchange: string, error: unknown): Published {
  const code = (error as { code: number }).code
  return code === 404
    ? { kind: 'unroutable', message: noExchange(exchange) }
    : { kind: 'refused', message: `the broker refused it: ${reasonOf(error)}` }
}
