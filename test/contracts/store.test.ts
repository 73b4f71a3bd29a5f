import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import { storeContract } from './store.contract.ts'

storeContract('SQLite in memory', { open: async (chance) => openSqliteStore({ path: ':memory:', chance }) })

const folder = mkdtempSync(join(tmpdir(), 'carillon-store-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0
const path = (): string => {
  files += 1
  return join(folder, `${files}.db`)
}

storeContract('SQLite in a file', {
  open: async (chance) => openSqliteStore({ path: path(), chance }),
  openTwo: async (chance) => {
    const shared = path()
    return [openSqliteStore({ path: shared, chance }), openSqliteStore({ path: shared, chance })]
  },
})
