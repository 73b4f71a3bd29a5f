// Rings jobs batch after batch and says, once each batch is stored, how far it is. Until it is killed or the store
// gives up.

import { writeSync } from 'node:fs'
import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import { createSystemChance } from '../../src/adapters/system/system-chance.ts'
import { StoreUnavailable } from '../../src/ports/store.ts'
import { again, done, World } from '../contracts/world.ts'
import { BATCH, spec } from './busy-batch.ts'

const chance = createSystemChance(Date.now)
const store = openSqliteStore({ path: process.argv[2]!, chance })
const world = await World.around(store, chance)

try {
  for (let batch = 0; ; batch += 1) {
    const jobs = Array.from({ length: BATCH }, (_, n) => ({
      ...world.draft(spec(batch, n)),
      id: chance.id('job'),
    }))
    await store.jobs.add(jobs, 'me')
    writeSync(1, `added ${batch}\n`)
    const works = await world.ring()
    await world.settle(...works.map((work, n) => (n % 2 === 0 ? done(work) : again(work, world.now))))
    await world.settle(...(await world.claim()).map((work) => done(work, 'failed')))
    writeSync(1, `ended ${batch}\n`)
  }
} catch (error) {
  if (!(error instanceof StoreUnavailable)) throw error
  writeSync(1, `refused ${error.message.replaceAll('\n', ' ')}\n`)
}
