// A step that leases may commit and its answer be lost. Then the store holds runs for us that nobody here carries out,
// and as this node lives, nobody takes them over either. After a failed step they are asked for until they must have
// shown.

import type { Clock } from '../ports/clock.ts'
import type { Work } from '../ports/store.ts'

/** A step that was given up here may still commit over there; not later than this. */
const DOUBT_MS = 60_000

export class UnheardLeases {
  readonly #clock: Clock
  #asking = 0
  #doubtedAt: number | null = null
  #looking: Promise<unknown> | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Around a step that leases, up to when its works are held. */
  async asking<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    while (this.#looking !== null) await this.#looking
    this.#asking += 1
    try {
      return await ask()
    } catch (error) {
      this.#doubtedAt = this.#clock.monotonic()
      throw error
    } finally {
      this.#asking -= 1
    }
  }

  /** What `look` finds, where there is reason to look. Never while a lease is asked for: its works would look unheard of. */
  async find(look: () => Promise<readonly Work[]>): Promise<readonly Work[]> {
    if (this.#doubtedAt === null || this.#asking > 0) return []
    const last = this.#clock.monotonic() - this.#doubtedAt >= DOUBT_MS
    const looking = look()
    this.#looking = looking.catch(() => {})
    try {
      const works = await looking
      if (last) this.#doubtedAt = null
      return works
    } finally {
      this.#looking = null
    }
  }
}
