// Scripts that were executed lately, up to a number of bytes.

export class ScriptCache {
  readonly #max: number
  readonly #scripts = new Map<string, Uint8Array>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#max = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: string): Uint8Array | null {
    const content = this.#scripts.get(key)
    if (content === undefined) return null
    // The longest unused one is the first.
    this.#scripts.delete(key)
    this.#scripts.set(key, content)
    return content
  }

  set(key: string, content: Uint8Array): void {
    this.#forget(key)
    if (content.length > this.#max) return
    this.#scripts.set(key, content)
    this.#bytes += content.length
    for (const oldest of this.#scripts.keys()) {
      if (this.#bytes <= this.#max) return
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    this.#bytes -= this.#scripts.get(key)?.length ?? 0
    this.#scripts.delete(key)
  }
}
