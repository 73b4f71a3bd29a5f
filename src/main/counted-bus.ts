// A bus that counts: what became of what was published, and of what came in.

import type { MessageBus, Published, Verdict } from '../ports/message-bus.ts'

export type BusFigures = {
  /** null: it can be published to. Else what is in the way. */
  trouble(): string | null
  readonly published: Readonly<Record<Published['kind'], number>>
  /** Messages of workers: understood, or put to the dead letters. */
  readonly taken: Readonly<Record<Verdict['kind'], number>>
  /** Jobs of Simple Scheduler that this server looks after. */
  jobs(): number
}

export function countedBus(bus: MessageBus): MessageBus & { readonly figures: Omit<BusFigures, 'jobs'> } {
  const published = { confirmed: 0, unroutable: 0, refused: 0, unavailable: 0 }
  const taken = { done: 0, dead: 0 }
  return {
    figures: { trouble: () => bus.trouble(), published, taken },
    trouble: () => bus.trouble(),
    declare: (topology, signal) => bus.declare(topology, signal),
    remove: (topology, signal) => bus.remove(topology, signal),
    async publish(message, signal, mayLeave) {
      const answer = await bus.publish(message, signal, mayLeave)
      published[answer.kind] += 1
      return answer
    },
    consume: (consumption, handle) =>
      bus.consume(consumption, async (messages) => {
        const verdicts = await handle(messages)
        for (const { kind } of verdicts) taken[kind] += 1
        return verdicts
      }),
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  }
}
