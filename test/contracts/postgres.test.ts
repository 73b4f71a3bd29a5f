import { after } from 'node:test'
import { PostgresStores } from '../support/postgres-store.ts'
import { storeContract } from './store.contract.ts'
import { seededChance } from './world.ts'

const stores = await PostgresStores.start(seededChance())
after(() => stores[Symbol.asyncDispose]())

storeContract('PostgreSQL', {
  open: (chance) => stores.open(chance),
  openTwo: async (chance) => {
    const [one, other] = await stores.openMany(chance, 2)
    return [one!, other!]
  },
})
