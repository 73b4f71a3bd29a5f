// A store of which one call of one step waits until it is let through: for what happens between two steps.

import type { Store } from '../../src/ports/store.ts'

export class HeldStep {
  reached = Promise.withResolvers<void>()
  #gate: PromiseWithResolvers<void> | null = null
  #isNext = false

  /** The next call of the step waits. */
  hold(): void {
    this.reached = Promise.withResolvers<void>()
    this.#gate = Promise.withResolvers<void>()
    this.#isNext = true
  }

  release(): void {
    this.#gate?.resolve()
    this.#isNext = false
  }

  around(store: Store, group: 'jobs' | 'runs' | 'secrets', step: string): Store {
    const held = new Proxy(store[group], {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return async (...values: unknown[]) => {
          if (name === step && this.#isNext) {
            this.#isNext = false
            this.reached.resolve()
            await this.#gate?.promise
          }
          return method.apply(target, values)
        }
      },
    })
    return new Proxy(store, {
      get: (target, name) => (name === group ? held : Reflect.get(target, name)),
    })
  }
}
