// The judge is judged: each bug, planted in a copy of the sources, is found by the same bed that finds nothing in the
// product, and the promise it breaks is named. Whether a fault meets the moment a bug needs is chance: a play that shows
// nothing is followed by another from the next seed, up to a bound. The product has no such second chance.

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { CarillonError } from '../../src/sdk/index.ts'
import { Folder } from '../support/folder.ts'
import { play } from './bed/play.ts'
import { PostgresPair } from './cast/postgres-pair.ts'
import { describeFinding } from './checker/verdict.ts'
import { BUGS, type Bug } from './planted/bugs.ts'
import { plant } from './planted/plant.ts'

const SEED = 7
const PLAYS_MAX = 4
const AT_ONCE = 2
const SHOWN_MAX = 12

describe('planted bugs are found', { concurrency: AT_ONCE }, () => {
  let pair: PostgresPair
  before(async () => {
    pair = await PostgresPair.start()
  })
  after(() => pair[Symbol.asyncDispose]())

  for (const [n, bug] of BUGS.entries()) {
    test(bug.name, async (t) => {
      using folder = new Folder()
      const program = plant(folder.file('copy'), bug.changes)
      const found: string[] = []
      for (let plays = 0; plays < PLAYS_MAX; plays += 1) {
        const stage = folder.file(`stage-${plays}`)
        mkdirSync(stage)
        const seed = SEED + n + plays * BUGS.length
        const options = { folder: stage, seed, cast: 'cluster', acts: bug.acts, program, pair } as const
        // With what such a bug leaves behind a play may not even come to its end.
        const played = await play({ ...options, quietMs: 15_000 }).catch((error: Error) => error)
        const findings = played instanceof Error ? [] : played.findings
        if (findings.some(({ invariant }) => bug.breaks.includes(invariant))) return
        if (bug.spoilsAnswers === true && played instanceof CarillonError && played.code === 'internal')
          return
        found.push(
          `seed ${seed}: ${played instanceof Error ? played.message : findings.slice(0, SHOWN_MAX).map(describeFinding).join('\n') || 'nothing'}`,
        )
        t.diagnostic(found.at(-1)!)
      }
      assert.fail(unfound(bug, found))
    })
  }
})

function unfound({ breaks }: Bug, found: readonly string[]): string {
  return `expected one of ${breaks.join(', ')}; found\n${found.join('\n')}`
}
