// The right to tell of one attempt: a token that is made from the attempt and a secret of the servers, so that nothing has to
// be written before a request leaves, and that is worth nothing once the attempt is over.

import { createHmac, timingSafeEqual } from 'node:crypto'

const TOKEN = /^crt_(\d{1,15})_([0-9a-f]{64})$/

export class RunTokens {
  readonly #secret: string

  constructor(secret: string) {
    this.#secret = secret
  }

  make(runId: string, fence: number): string {
    return `crt_${fence}_${this.#sign(runId, fence)}`
  }

  /** The fence it was made for; null: it was not made here, or for another run. */
  fenceOf(token: string, runId: string): number | null {
    const [, fence, signature] = TOKEN.exec(token) ?? []
    if (fence === undefined || signature === undefined) return null
    const expected = this.#sign(runId, Number(fence))
    return timingSafeEqual(Buffer.from(expected), Buffer.from(signature)) ? Number(fence) : null
  }

  #sign(runId: string, fence: number): string {
    return createHmac('sha256', this.#secret).update(`${runId} ${fence}`).digest('hex')
  }
}
