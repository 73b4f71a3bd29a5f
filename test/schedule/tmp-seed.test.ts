// Random expressions in every zone the platform lists: our walk and croner's must be the same walk, except for the
// deviations that croner-deviations.test.ts names and explains.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cron } from 'croner'
import { compileSchedule } from '../../src/domain/schedule/schedule.ts'
import { deviatesFromCroner } from './croner-deviations.ts'
import { Random, randomExpression } from './random.ts'

const SEED = 1
const EXPRESSIONS_PER_ZONE = 16
const STARTS_PER_EXPRESSION = 3
const STEPS_PER_START = 4
const FIRST = Date.UTC(2024, 0, 1)
const LAST = Date.UTC(2037, 11, 1)
const HOUR = 3_600_000

const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')]

test(`walks as croner does, in ${zones.length} zones`, () => {
  const random = new Random(SEED)
  const differences: string[] = []
  let compared = 0
  for (const timezone of zones) {
    const changes = clockChanges(timezone)
    for (let i = 0; i < EXPRESSIONS_PER_ZONE; i++) {
      const cron = randomExpression(random)
      if (deviatesFromCroner(cron)) continue
      const schedule = compileSchedule({ cron, timezone }, { hashKey: 'job', createdAt: 0 })
      const peer = new Cron(cron, { timezone, fixedTimeRule: 'no-wildcard', sloppyRanges: true })
      for (let j = 0; j < STARTS_PER_EXPRESSION; j++) {
        let at = startNear(changes, random)
        for (let k = 0; k < STEPS_PER_START; k++) {
          const ours = schedule.next(at)
          const theirs = peer.nextRun(new Date(at))?.getTime() ?? null
          compared++
          if (ours !== theirs) {
            differences.push(
              `${cron} in ${timezone} after ${iso(at)}: ours ${iso(ours)}, croner ${iso(theirs)}`,
            )
          }
          if (ours === null || ours !== theirs) break
          at = ours
        }
      }
    }
  }
  assert.deepEqual(differences.slice(0, 20), [], `seed ${SEED}, ${differences.length} of ${compared} differ`)
  assert.ok(compared > 30_000, `only ${compared} comparisons`)
})

/** Half of the walks begin shortly before the clocks change. */
function startNear(changes: readonly number[], random: Random): number {
  if (changes.length === 0 || random.chance(0.5)) return random.integer(FIRST, LAST)
  return random.pick(changes) - random.integer(0, 30 * HOUR)
}

/** Roughly when the zone's clocks change, to within half a day. */
function clockChanges(timeZone: string): number[] {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, year: 'numeric', timeZoneName: 'longOffset' })
  const changes: number[] = []
  let before = ''
  for (let at = FIRST; at < LAST; at += 24 * HOUR) {
    const offset = format.format(at).slice(4)
    if (before !== '' && offset !== before) changes.push(at)
    before = offset
  }
  return changes
}

function iso(at: number | null): string {
  return at === null ? 'never' : new Date(at).toISOString()
}
