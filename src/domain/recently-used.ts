// A bounded memory of what was used lately, in two generations: when the young one is full the old one is dropped
// whole. Unlike a map that evicts its oldest entry, each step costs the same however large it is.

export class RecentlyUsed<Key, Value> {
  readonly #perGeneration: number
  #young = new Map<Key, Value>()
  #old = new Map<Key, Value>()

  /** Never holds more than `max`, and never fewer than the last `max / 2` that were used. */
  constructor(max: number) {
    this.#perGeneration = Math.ceil(max / 2)
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: Key, value: Value): void {
    if (this.#young.size >= this.#perGeneration) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }
}
