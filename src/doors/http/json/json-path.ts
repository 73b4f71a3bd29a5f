// Where in a JSON text a scan is; becomes a JSON Pointer (RFC 6901) only when something is wrong there.

import { pointerStep } from '../../../domain/errors.ts'

export class JsonPath {
  readonly #steps: (string | number)[] = []

  get depth(): number {
    return this.#steps.length
  }

  open(isObject: boolean): void {
    this.#steps.push(isObject ? '' : 0)
    if (isObject) this.#atKey.push(false)
    else this.#atKey.push(true)
  }

  close(): void {
    this.#steps.pop()
    this.#atKey.pop()
  }

  enterKey(key: string): void {
    this.#steps[this.#steps.length - 1] = key
    this.#atKey[this.#atKey.length - 1] = true
  }

  nextElement(): void {
    const last = this.#steps.length - 1
    const step = this.#steps[last]
    if (typeof step === 'number') this.#steps[last] = step + 1
  }

  /** The key under which the current object stands. */
  parentKey(): string | number | null {
    return this.#steps[this.#steps.length - 2] ?? null
  }

  pointer(): string {
    return this.#steps
      .filter((_, n) => this.#atKey[n])
      .map((step) => `/${pointerStep(String(step))}`)
      .join('')
  }

  /** An object without a key yet is spoken of as itself. */
  readonly #atKey: boolean[] = []
}
