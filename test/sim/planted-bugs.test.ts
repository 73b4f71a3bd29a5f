// A simulator that finds nothing may be one that cannot find anything. Here it has to.

import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { plant } from '../cluster/planted/plant.ts'
import { Folder } from '../support/folder.ts'
import { PLANTED_BUGS } from './planted-bugs.ts'

type Simulator = typeof import('./simulate.ts')

const TESTS = fileURLToPath(new URL('..', import.meta.url))
/** Found by each of them, or by the next. */
const SEEDS = [7, 6, 3, 2, 1, 4, 5, 8, ...Array.from({ length: 24 }, (_, n) => 9 + n)]
const SET = { faultEveryMs: 10_000, slots: 64, jobs: 6 }
const HOURS = 0.5

for (const [n, { name, faults, also, ...change }] of PLANTED_BUGS.entries()) {
  test(`found: ${name}`, async (t) => {
    using temporary = new Folder()
    const folder = join(temporary.path, `bug-${n}`)
    plant(folder, also === undefined ? [change] : [change, also])
    cpSync(TESTS, join(folder, 'test'), { recursive: true })
    const { simulate }: Simulator = await import(pathToFileURL(join(folder, 'test/sim/simulate.ts')).href)
    const set = faults === undefined ? {} : { ...SET, faults }
    let tried = 0
    let found: readonly string[] = []
    for (const seed of SEEDS) {
      tried += 1
      found = (await simulate({ seed, hours: HOURS, nodes: 3, set })).faults
      if (found.length > 0) break
    }
    assert.ok(found.length > 0, `${tried} seeds did not find it`)
    t.diagnostic(`seed ${SEEDS[tried - 1]}: ${found[0]}`)
  })
}
