// Opens the store that the configuration names: SQLite for this process alone, or a PostgreSQL that many share.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { StoreClock } from '../adapters/system/store-clock.ts'
import { leaseTimes, type MembershipOptions, SOLE_LEASE_TIMES } from '../engine/membership.ts'
import type { Chance } from '../ports/chance.ts'
import type { Clock } from '../ports/clock.ts'
import type { Store } from '../ports/store.ts'
import type { Config } from './config/config.ts'

export type OpenedStore = AsyncDisposable & {
  readonly store: Store
  /** The clock by which this store's decisions are made. */
  readonly clock: Clock
  /** Whoever stops waits no longer for the store: what is under way there fails now. Where nothing can hang: nothing. */
  readonly cutOff: () => void
  /** How a node is a member here. */
  readonly membership: Pick<MembershipOptions, 'times' | 'onTime'> & { readonly sole: boolean }
}

export function openStore(config: Config, chance: Chance, clock: Clock): Promise<OpenedStore> {
  return config.store === null
    ? openAlone(config, chance, clock)
    : openShared(config.store, config, chance, clock)
}

/** The lock is taken before anything is opened, and given back after it is closed. */
async function openAlone(config: Config, chance: Chance, clock: Clock): Promise<OpenedStore> {
  const { lockDataDir } = await import('../adapters/sqlite/data-dir-lock.ts')
  const { openSqliteStore } = await import('../adapters/sqlite/open.ts')
  await using parts = new AsyncDisposableStack()
  parts.use(lockDataDir(config.dataDir))
  const store = parts.use(openSqliteStore({ path: join(config.dataDir, 'carillon.db'), chance }))
  const end = parts.move()
  return {
    store,
    clock,
    cutOff: () => {},
    membership: { sole: true, times: SOLE_LEASE_TIMES },
    [Symbol.asyncDispose]: () => end.disposeAsync(),
  }
}

async function openShared(url: string, config: Config, chance: Chance, inner: Clock): Promise<OpenedStore> {
  const { openPostgresStore } = await import('../adapters/postgres/open.ts')
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const clock = new StoreClock(inner)
  const store = await openPostgresStore({
    url,
    chance,
    clock: inner,
    timelines: join(config.dataDir, 'postgres-timelines.json'),
    ...(config.storePassword === null ? {} : { password: config.storePassword }),
    connectionsMax: config.storeConnections,
    statementMs: config.storeTimeoutMs,
  })
  return {
    store,
    clock,
    cutOff: () => store.cutOff(),
    membership: {
      sole: false,
      times: leaseTimes(config.nodeLeaseMs, config.nodeHeartbeatMs ?? undefined),
      onTime: (at, monotonic, roundTripMs) => clock.set(at, monotonic, roundTripMs),
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
