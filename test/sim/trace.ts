// What happened, in order, as one hash: two simulations that agree on it did the same. The last lines are kept for
// whoever has to find out why one failed.

import { createHash } from 'node:crypto'

const KEPT_LINES = 400
const FLUSH_AT = 65_536

export class Trace {
  readonly #hash = createHash('sha256')
  readonly #say: ((line: string) => void) | null
  #last: string[] = []
  #unhashed = ''

  constructor(say: ((line: string) => void) | null = null) {
    this.#say = say
  }

  note(at: number, who: string, what: string): void {
    const line = `${at.toFixed(3)} ${who} ${what}`
    this.#unhashed += `${line}\n`
    if (this.#unhashed.length > FLUSH_AT) this.#flush()
    this.#last.push(line)
    if (this.#last.length > 2 * KEPT_LINES) this.#last = this.#last.slice(-KEPT_LINES)
    this.#say?.(line)
  }

  get last(): readonly string[] {
    return this.#last.slice(-KEPT_LINES)
  }

  digest(): string {
    this.#flush()
    return this.#hash.copy().digest('hex')
  }

  #flush(): void {
    this.#hash.update(this.#unhashed)
    this.#unhashed = ''
  }
}
