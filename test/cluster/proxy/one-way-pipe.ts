// One direction of a connection: what comes out of one socket goes into the other, in order, when and if it may.

import type { Socket } from 'node:net'

export class OneWayPipe {
  readonly #from: Socket
  readonly #to: Socket
  readonly #waiting: { readonly chunk: Buffer | null; readonly at: number }[] = []
  /** Told of each chunk before it goes on; false: it goes nowhere. */
  readonly #mayPass: (chunk: Buffer) => boolean
  #blocked = false
  #delayMs = 0
  #timer: NodeJS.Timeout | null = null

  constructor(from: Socket, to: Socket, mayPass: (chunk: Buffer) => boolean) {
    this.#from = from
    this.#to = to
    this.#mayPass = mayPass
    from.on('data', (chunk: Buffer) => this.#take(chunk))
    from.on('end', () => this.#take(null))
    to.on('drain', () => this.#blocked || from.resume())
  }

  /** Blocked, nothing passes and nobody is told: as when packets are dropped. What came is kept. */
  set(blocked: boolean, delayMs: number): void {
    this.#blocked = blocked
    this.#delayMs = delayMs
    if (blocked) this.#from.pause()
    else {
      this.#from.resume()
      this.#pass()
    }
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#waiting.length = 0
  }

  #take(chunk: Buffer | null): void {
    this.#waiting.push({ chunk, at: performance.now() + this.#delayMs })
    this.#pass()
  }

  #pass(): void {
    if (this.#timer !== null || this.#blocked) return
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const waitMs = next.at - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => {
          this.#timer = null
          this.#pass()
        }, waitMs)
        return
      }
      this.#waiting.shift()
      if (next.chunk === null) this.#to.end()
      else if (this.#mayPass(next.chunk) && !this.#to.write(next.chunk)) this.#from.pause()
    }
  }
}
