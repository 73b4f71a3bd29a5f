// What every call passes before a byte of its message is read: who is it, and not too fast. The same as at the other
// doors: a key as `authorization: Bearer …` or `x-api-key`, wrong ones counted by address.

import { authenticate } from '../../commands/authenticate.ts'
import type { Context } from '../../commands/context.ts'
import type { Principal } from '../../domain/api-key.ts'
import { AppError } from '../../domain/errors.ts'
import { count } from '../http/gate.ts'
import { HttpProblem } from '../http/http-problem.ts'
import { HTTP_SERVER_LIMITS, type RestLimits } from '../http/limits.ts'
import { notValid, presentedKey, unauthenticated } from '../http/presented-key.ts'
import { Rate } from '../http/rate.ts'

export class GrpcGate {
  readonly #ctx: Context
  readonly #anonymous: Principal | null
  readonly #rate: Rate | null
  readonly #failures: Rate | null

  constructor(ctx: Context, limits: RestLimits, anonymous: Principal | null) {
    const rateOf = (perMinute: number): Rate | null =>
      perMinute === 0 ? null : new Rate(perMinute, () => ctx.clock.monotonic())
    this.#ctx = ctx
    this.#anonymous = anonymous
    this.#rate = rateOf(limits.requestsPerMinute)
    this.#failures = rateOf(limits.authFailuresPerMinute)
  }

  /** Throws AppError or HttpProblem. */
  async pass(rawHeaders: readonly string[], address: string): Promise<Principal> {
    refuseOversized(rawHeaders)
    const who = await this.#identify(rawHeaders, address)
    count(this.#rate, who === this.#anonymous ? `address ${address}` : who.id)
    return who
  }

  async #identify(rawHeaders: readonly string[], address: string): Promise<Principal> {
    try {
      const key = presentedKey(rawHeaders)
      if (key === null && this.#anonymous !== null) return this.#anonymous
      if (key === null)
        throw unauthenticated('This needs a key, in the metadata: "authorization: Bearer <key>".')
      const who = await authenticate(this.#ctx, key)
      if (who === null) throw notValid()
      return who
    } catch (error) {
      if (error instanceof AppError && error.code === 'unauthenticated') count(this.#failures, address)
      throw error
    }
  }
}

function refuseOversized(rawHeaders: readonly string[]): void {
  const { headerBytesMax } = HTTP_SERVER_LIMITS
  // As HTTP/2 counts them: RFC 9113, 6.5.2.
  const bytes = rawHeaders.reduce((sum, text) => sum + text.length + 16, 0)
  if (bytes <= headerBytesMax) return
  throw new HttpProblem('headers_too_large', `The metadata of a call has at most ${headerBytesMax} bytes.`)
}
