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
  { mode: 'all', max: 20, rate: 60 },
  { mode: 'all', max: 5, within: '5m', order: 'newest' },
] as const

const RETRIES = [{ delays: ['1s', '5s', '30s'] }, { max: 2, maxDelay: '20s' }, { max: 0 }] as const

export function draft(dice: Dice, name: string, now: number): JobDraft {
  const batch = dice.chance(0.15)
  const url = batch ? 'http://many.test/' : `http://${name}.test/`
  return {
    name,
    schedule: timing(dice, now),
    target: { http: batch ? { url, batch: {} } : { url } },
    policy: policy(dice),
    callback: dice.chance(0.4) ? { url: 'http://ops.test/', retryDelays: ['1s', '5s', '30s', '60s'] } : null,
  }
}

function policy(dice: Dice): PolicySpec {
  return {
    overlap: dice.pick(OVERLAPS),
    catchUp: dice.pick(CATCH_UPS),
    retry: dice.pick(RETRIES),
    timeout: dice.pick(['10s', '30s', '60s']),
    delivery: dice.chance(0.25) ? 'at_most_once' : 'at_least_once',
    onResume: dice.pick(['skip', 'latest', 'all']),
    ...(dice.chance(0.15) ? { startWithin: dice.pick(['10s', '45s', '3m']) } : {}),
  }
}
