// Stores on a PostgreSQL of a test's own, each in a database of its own that goes with it.

import { openPostgresStore } from '../../src/adapters/postgres/open.ts'
import type { Chance } from '../../src/ports/chance.ts'
import type { Store } from '../../src/ports/store.ts'
import { PostgresServer } from './postgres-server.ts'
import { systemClock } from './system-clock.ts'

const TEMPLATE = 'carillon_template'

export class PostgresStores implements AsyncDisposable {
  readonly server: PostgresServer

  private constructor(server: PostgresServer) {
    this.server = server
  }

  /** The schema is made once and copied from then on. */
  static async start(chance: Chance): Promise<PostgresStores> {
    const server = await PostgresServer.start()
    await server.query(`DROP DATABASE IF EXISTS ${TEMPLATE} WITH (FORCE)`)
    await server.query(`CREATE DATABASE ${TEMPLATE}`)
    await (await onStoryTime(server.url(TEMPLATE), chance))[Symbol.asyncDispose]()
    return new PostgresStores(server)
  }

  async open(chance: Chance): Promise<Store> {
    return (await this.openMany(chance, 1))[0]!
  }

  /** On the same data. The last one to be closed takes them along. */
  async openMany(chance: Chance, count: number): Promise<Store[]> {
    const url = await this.server.database(TEMPLATE)
    const stores = await Promise.all(Array.from({ length: count }, () => onStoryTime(url, chance)))
    let open = count
    return stores.map((store) => ({
      ...store,
      [Symbol.asyncDispose]: async () => {
        await store[Symbol.asyncDispose]()
        open -= 1
        if (open === 0) await this.server.dropDatabase(url)
      },
    }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
  }
}

/** The caller's clock decides, as stories need it. */
export function onStoryTime(url: string, chance: Chance): Promise<Store> {
  return openPostgresStore({ url, chance, clock: systemClock, whoseClock: 'caller' })
}
