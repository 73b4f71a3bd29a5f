// Slows down whoever guesses at keys: wrong ones are counted by address, and where there were too many nothing from there is
// looked up any more, be it right. But what has let somebody in before goes on to: clients that share an address with
// someone who guesses keep working.

import { hash } from 'node:crypto'
import { AppError, type ErrorCode } from '../../domain/errors.ts'
import { RecentlyUsed } from '../../domain/recently-used.ts'
import { HttpProblem } from './http-problem.ts'
import { HTTP_SERVER_LIMITS } from './limits.ts'
import { Rate, rateHeaders } from './rate.ts'

const WRONG: readonly ErrorCode[] = ['unauthenticated', 'token_invalid']

export class Guesses {
  readonly #rate: Rate | null
  /** Hashes of what let somebody in; false: no longer. */
  readonly #known = new RecentlyUsed<string, boolean>(HTTP_SERVER_LIMITS.callersMax)

  /** 0: as many as anybody likes. */
  constructor(perMinute: number, monotonic: () => number) {
    this.#rate = perMinute === 0 ? null : new Rate(perMinute, monotonic)
  }

  /** `look` finds out who shows this, and throws where it is worth nothing. `shown` null: nothing is shown. */
  async judge<Found>(address: string, shown: string | null, look: () => Promise<Found>): Promise<Found> {
    const rate = this.#rate
    if (rate === null) return look()
    const mark = shown === null ? null : hash('sha256', shown, 'base64')
    const known = mark !== null && this.#known.get(mark) === true
    if (!known && mark !== null) refuseUnless(rate, rate.peek(address))
    try {
      const found = await look()
      if (!known && mark !== null) this.#known.set(mark, true)
      return found
    } catch (error) {
      if (!(error instanceof AppError) || !WRONG.includes(error.code)) throw error
      if (known) this.#known.set(mark, false)
      refuseUnless(rate, rate.take(address))
      throw error
    }
  }
}

function refuseUnless(rate: Rate, answer: ReturnType<Rate['take']>): void {
  if (answer.allowed) return
  throw new HttpProblem(
    'rate_limited',
    `More than ${rate.perMinute} requests in a minute from this address showed no valid key. Try again in ${answer.retryAfterS} s.`,
    { headers: { ...rateHeaders(rate, answer), 'Retry-After': String(answer.retryAfterS) } },
  )
}
