// The judge is judged: each bug, planted in a copy of the sources, is found by the same bed that finds nothing in the
// product, and the promise it breaks is named.

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { Folder } from '../support/folder.ts'
import { play } from './bed/play.ts'
import { PostgresPair } from './cast/postgres-pair.ts'
import { describeFinding } from './checker/verdict.ts'
import { BUGS } from './planted/bugs.ts'
import { plant } from './planted/plant.ts'

const SEED = 7
const AT_ONCE = 2
const SHOWN_MAX = 12

describe('planted bugs are found', { concurrency: AT_ONCE }, () => {
  let pair: PostgresPair
  before(async () => {
    pair = await PostgresPair.start()
  })
  after(() => pair[Symbol.asyncDispose]())

  for (const [n, { name, changes, acts, breaks }] of BUGS.entries()) {
    test(name, async () => {
      using folder = new Folder()
      const program = plant(folder.file('copy'), changes)
      const stage = folder.file('stage')
      mkdirSync(stage)
      const played = await play({
        folder: stage,
        seed: SEED + n,
        cast: 'cluster',
        acts,
        program,
        pair,
        quietMs: 15_000,
      })
      const found = new Set(played.findings.map(({ invariant }) => invariant))
      const shown = played.findings.slice(0, SHOWN_MAX).map(describeFinding).join('\n') || 'nothing'
      assert.ok(
        breaks.some((invariant) => found.has(invariant)),
        `expected one of ${breaks.join(', ')}; found ${shown}`,
      )
    })
  }
})
