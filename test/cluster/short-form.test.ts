// Three nodes on a primary and its synchronous standby, every kind of fault once at least, from a fixed seed. When it
// fails, it names the timeline to look at. The long form: `npm run soak -- --minutes 60 --seed 1`.

import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Folder } from '../support/folder.ts'
import { ALL_FAULTS } from './bed/all-faults.ts'
import { play } from './bed/play.ts'
import { writeReport } from './bed/write-report.ts'
import { FAULT_KINDS } from './checker/history.ts'
import { describeFinding } from './checker/verdict.ts'

const SEED = 20_261_121
const SHOWN_MAX = 20

test('a cluster under every fault keeps its promise', async () => {
  using folder = new Folder()
  const played = await play({ folder: folder.path, seed: SEED, cast: 'cluster', acts: ALL_FAULTS })
  const { findings, figures } = played
  if (findings.length > 0) {
    const page = writeReport(mkdtempSync(join(tmpdir(), 'carillon-cluster-')), `seed ${SEED}`, played)
    const shown = findings.slice(0, SHOWN_MAX).map(describeFinding).join('\n')
    assert.fail(`${findings.length} findings, see ${page}\n${shown}`)
  }
  const said = JSON.stringify(figures)
  assert.deepEqual(
    FAULT_KINDS.filter((kind) => figures.faults[kind] === undefined),
    [],
    'a kind of fault never happened',
  )
  assert.ok(figures.owed > 1_000 && figures.rings > 1_000, said)
  assert.ok(figures.lost > 0 && figures.takeoverMs.count > 0, `nothing was taken over: ${said}`)
  assert.ok(figures.staleWrites > 0, `no late write was refused: ${said}`)
  assert.ok(figures.repeats > 0, `no request was cut off: ${said}`)
})
