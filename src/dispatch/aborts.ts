// One listener per signal, however many calls hang on it: EventTarget searches its listeners one by one, which
// twenty thousand calls under one signal would feel.

export type Abortable = { cancel(): void }

export class Aborts {
  readonly #bySignal = new WeakMap<AbortSignal, Set<Abortable>>()

  watch(signal: AbortSignal, item: Abortable): void {
    const known = this.#bySignal.get(signal)
    if (known !== undefined) {
      known.add(item)
      return
    }
    const items = new Set([item])
    this.#bySignal.set(signal, items)
    signal.addEventListener(
      'abort',
      () => {
        for (const each of [...items]) each.cancel()
      },
      { once: true },
    )
  }

  forget(signal: AbortSignal, item: Abortable): void {
    this.#bySignal.get(signal)?.delete(item)
  }
}
