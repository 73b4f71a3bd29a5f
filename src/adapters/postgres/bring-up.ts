// Makes sure at the start that the database can be used and has this program's schema.

import { StoreUnavailable } from '../../ports/store.ts'
import { type Address, describeAddress } from './address.ts'
import { type Connection, type Timeouts, timeoutsFor } from './connection.ts'
import { asStoreFailure } from './failure.ts'
import { isUpToDate, migrate, readMigrations } from './migrate.ts'
import type { Primary } from './primary.ts'

/** A database that hangs is found out at the start. */
const START_TIMEOUTS = { ...timeoutsFor(2_000), connectMs: 1_500 }
/** A migration may take its time, and waits for another node that is at it. */
const MIGRATION_TIMEOUTS = {
  ...timeoutsFor(3_600_000),
  statementMs: 0,
  lockMs: 0,
  idleInTransactionMs: 0,
}

/** `moving`: by whoever moves a store into it; nobody else may use it before that is done. */
export async function bringUp(address: Address, primary: Primary, moving = false): Promise<void> {
  await using parts = new AsyncDisposableStack()
  const open = async (timeouts: Timeouts): Promise<Connection> => {
    const connection = await primary.connect(timeouts, 'carillon start')
    parts.defer(() => connection.close())
    return connection
  }
  const migrations = readMigrations()
  try {
    if (!(await isUpToDate(await open(START_TIMEOUTS), migrations, moving)))
      await migrate(await open(MIGRATION_TIMEOUTS), migrations, moving)
  } catch (error) {
    const failure = asStoreFailure(error) as Error
    throw new StoreUnavailable(`${describeAddress(address)}: ${failure.message}`, { cause: error })
  }
}
