// What every call passes before a byte of its message is read: who is it, and not too fast. The same as at the other
// doors: a key as `authorization: Bearer …` or `x-api-key`, wrong ones counted by address.

import { authenticate } from '../../commands/authenticate.ts'
import type { Context } from '../../commands/context.ts'
import type { Principal } from '../../domain/api-key.ts'
import { cameFrom, count } from '../http/gate.ts'
import { Guesses } from '../http/guesses.ts'
import { HttpProblem } from '../http/http-problem.ts'
import { HTTP_SERVER_LIMITS, type RestLimits } from '../http/limits.ts'
import { notValid, presentedKey, unauthenticated } from '../http/presented-key.ts'
import { Rate } from '../http/rate.ts'

export class GrpcGate {
  readonly #ctx: Context
  readonly #anonymous: Principal | null
  readonly #rate: Rate | null
  readonly #guesses: Guesses

  constructor(ctx: Context, limits: RestLimits, anonymous: Principal | null) {
    const monotonic = (): number => ctx.clock.monotonic()
    this.#ctx = ctx
    this.#anonymous = anonymous
    this.#rate = limits.requestsPerMinute === 0 ? null : new Rate(limits.requestsPerMinute, monotonic)
    this.#guesses = new Guesses(limits.authFailuresPerMinute, monotonic)
  }

  /** Throws AppError or HttpProblem. */
  async pass(rawHeaders: readonly string[], address: string): Promise<Principal> {
    refuseOversized(rawHeaders)
    const who = await this.#identify(rawHeaders, address)
    count(this.#rate, who === this.#anonymous ? `address ${address}` : who.id)
    return cameFrom(who, address)
  }

  async #identify(rawHeaders: readonly string[], address: string): Promise<Principal> {
    const key = await this.#guesses.judge(address, null, async () => presentedKey(rawHeaders))
    if (key === null && this.#anonymous !== null) return this.#anonymous
    return this.#guesses.judge(address, key, async () => {
      if (key === null)
        throw unauthenticated('This needs a key, in the metadata: "authorization: Bearer <key>".')
      const who = await authenticate(this.#ctx, key)
      if (who !== null) return who
      throw notValid()
    })
  }
}

function refuseOversized(rawHeaders: readonly string[]): void {
  const { headerBytesMax } = HTTP_SERVER_LIMITS
  // As HTTP/2 counts them: RFC 9113, 6.5.2.
  const bytes = rawHeaders.reduce((sum, text) => sum + text.length + 16, 0)
  if (bytes <= headerBytesMax) return
  throw new HttpProblem('headers_too_large', `The metadata of a call has at most ${headerBytesMax} bytes.`)
}
