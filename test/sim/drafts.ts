// Jobs as simulated clients want them: every rule of the house comes up in one or another.

import type { JobDraft } from '../../src/commands/job-draft.ts'
import type { PolicySpec } from '../../src/domain/policy.ts'
import type { Dice } from './dice.ts'
import { timing } from './timings.ts'

const OVERLAPS = [
  'skip',
  'queue',
  'allow',
  'replace',
  { mode: 'allow', max: 2 },
  { mode: 'queue', max: 3 },
] as const

const CATCH_UPS = [
  'latest',
  'latest',
  'none',
  'all',
  { mode: 'all', max: 10, rate: 60 },
  { mode: 'all', max: 5, within: '5m' },
] as const

const RETRIES = [{ delays: ['1s', '5s', '30s'] }, { max: 2, maxDelay: '20s' }, { max: 0 }] as const

/** What an edit leaves as it is, so that the verdict on a job can ask one rule for all of its life. */
type Traits = Pick<JobDraft, 'target' | 'callback'> & Pick<PolicySpec, 'overlap' | 'delivery'>

export class Drafts {
  readonly #dice: Dice
  readonly #traits = new Map<string, Traits>()

  constructor(dice: Dice) {
    this.#dice = dice
  }

  /** A job of this name as somebody wants it now; each time with other times and rules. */
  of(name: string, now: number): JobDraft {
    const dice = this.#dice
    const { target, callback, overlap, delivery } = this.#traitsOf(name)
    const policy: PolicySpec = {
      overlap: overlap!,
      delivery: delivery!,
      catchUp: dice.pick(CATCH_UPS),
      retry: dice.pick(RETRIES),
      timeout: dice.pick(['10s', '30s', '60s']),
      onResume: dice.pick(['skip', 'latest', 'all']),
      ...(dice.chance(0.15) ? { startWithin: dice.pick(['10s', '45s', '3m']) } : {}),
    }
    return { name, schedule: timing(dice, now), target, policy, callback: callback! }
  }

  #traitsOf(name: string): Traits {
    const known = this.#traits.get(name)
    if (known !== undefined) return known
    const dice = this.#dice
    const batch = dice.chance(0.15)
    const traits: Traits = {
      target: { http: batch ? { url: 'http://many.test/', batch: {} } : { url: `http://${name}.test/` } },
      callback: dice.chance(0.4)
        ? { url: 'http://ops.test/', retryDelays: ['1s', '5s', '30s', '60s'] }
        : null,
      overlap: dice.pick(OVERLAPS),
      delivery: dice.chance(0.25) ? 'at_most_once' : 'at_least_once',
    }
    this.#traits.set(name, traits)
    return traits
  }
}
