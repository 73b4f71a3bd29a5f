// The months of the ledger. Partitions are made ahead of time, so that none is missing when its first run is due; what is
// due outside of them (a clock far off, a month that nobody prepared) lies in the default one and is as good there. A
// month in which retention has left nothing is dropped whole, with its indexes.

import { StoreUnavailable } from '../../ports/store.ts'
import type { Database, Transaction } from './database.ts'
import { codeOf } from './failure.ts'
import { sql } from './sql.ts'

const MONTHS_AHEAD = 2
const TABLES = ['runs', 'attempts'] as const
const PARTITION_SPACE = 0x63_61_70

/** Whoever waits for the tables holds up all who come after it: behind a long reader (a dump) this waits no longer. */
const LOCK_MS = 200

const TRY_LOCK = sql<{ got: boolean }>(`SELECT pg_try_advisory_xact_lock(${PARTITION_SPACE}, 0) AS got`)
const NAMES = sql<{ name: string }>(
  `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
   WHERE i.inhparent = 'runs'::regclass ORDER BY c.relname`,
)

type Month = { readonly name: string; readonly from: number; readonly to: number }

export class Partitions {
  #preparedUntil = 0

  /**
   * Makes what is missing, and drops what is empty and over. At most once at a time over all nodes. What somebody reads
   * just now is left for later: months are made ahead, and until then the default one serves.
   */
  async keepUp(db: Database, now: number): Promise<void> {
    try {
      await db.write(now, (tx) => this.#keepUp(tx))
    } catch (error) {
      if (!isLocked(error)) throw error
    }
  }

  async #keepUp(tx: Transaction): Promise<void> {
    const current = monthOf(tx.now)
    if (this.#preparedUntil >= current.to) return
    if ((await tx.get(TRY_LOCK))?.got !== true) return
    await tx.exec(`SET LOCAL lock_timeout = ${LOCK_MS}`)
    const names = new Set((await tx.all(NAMES)).map(({ name }) => name))
    for (const month of monthsFrom(current, MONTHS_AHEAD))
      if (!names.has(`runs_${month.name}`)) await make(tx, month)
    for (const month of [...names].map(readName))
      if (month !== null && month.to <= current.from) await dropIfEmpty(tx, month)
    this.#preparedUntil = current.to
  }

  /** Looks again at the next call: something was forgotten. */
  stir(): void {
    this.#preparedUntil = 0
  }
}

/** One that cannot be made is not missed: the default partition has rows of that month already. */
async function make(tx: Transaction, { name, from, to }: Month): Promise<void> {
  await tx.savepoint()
  try {
    for (const table of TABLES)
      await tx.exec(
        `CREATE TABLE ${table}_${name} PARTITION OF ${table} FOR VALUES FROM (${from}) TO (${to})`,
      )
    await tx.releaseSavepoint()
  } catch (error) {
    if (codeOf(error) !== '23514') throw error
    await tx.rollbackToSavepoint()
  }
}

async function dropIfEmpty(tx: Transaction, { name }: Month): Promise<void> {
  if (!(await isEmpty(tx, name))) return
  await tx.exec(`LOCK TABLE runs_${name}, attempts_${name} IN ACCESS EXCLUSIVE MODE`)
  if (await isEmpty(tx, name)) await tx.exec(`DROP TABLE runs_${name}, attempts_${name}`)
}

async function isEmpty(tx: Transaction, name: string): Promise<boolean> {
  const [answer] = await tx.exec(`SELECT NOT EXISTS (SELECT 1 FROM runs_${name}) AS empty`)
  return answer?.rows[0]?.['empty'] === true
}

function isLocked(error: unknown): boolean {
  return error instanceof StoreUnavailable && codeOf(error.cause) === '55P03'
}

function monthOf(at: number): Month {
  const day = new Date(at)
  return month(day.getUTCFullYear(), day.getUTCMonth())
}

function month(year: number, index: number): Month {
  const from = Date.UTC(year, index)
  const text = new Date(from).toISOString()
  return { name: `y${text.slice(0, 4)}m${text.slice(5, 7)}`, from, to: Date.UTC(year, index + 1) }
}

function monthsFrom({ from }: Month, ahead: number): Month[] {
  const first = new Date(from)
  return Array.from({ length: ahead + 1 }, (_, n) => month(first.getUTCFullYear(), first.getUTCMonth() + n))
}

function readName(name: string): Month | null {
  const parts = /^runs_y(\d{4})m(\d{2})$/.exec(name)
  return parts === null ? null : month(Number(parts[1]), Number(parts[2]) - 1)
}
