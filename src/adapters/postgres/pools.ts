// Pools: where runs wait that need an agent. There are as many as jobs name different labels.

import type { JobSpec } from '../../domain/job.ts'
import { poolText } from '../../domain/pool.ts'
import { RecentlyUsed } from '../../domain/recently-used.ts'
import type { Transaction } from './database.ts'
import { columns, sql } from './sql.ts'

const KEPT_MAX = 10_000

type Owner = { readonly projectNo: number; readonly spec: JobSpec }
type Found = { readonly no: number; readonly projectNo: number; readonly labels: string }
/** 0: no agent is needed. */
export type PoolOf = (owner: Owner) => number

const FIND = sql<Found>(
  `SELECT p.no, p.project_no AS "projectNo", p.labels
   FROM unnest($1::bigint[], $2::text[]) AS w (project_no, labels)
   JOIN pools p ON p.project_no = w.project_no AND p.labels = w.labels`,
)
const INSERT = sql(
  `INSERT INTO pools (project_no, labels) SELECT * FROM unnest($1::bigint[], $2::text[]) ON CONFLICT DO NOTHING`,
)

export class Pools {
  #nos = new RecentlyUsed<string, number>(KEPT_MAX)
  /** What these have written may still be taken back, so what they see is not remembered. */
  readonly #unsure = new WeakSet<Transaction>()

  /** Of a history that may have lost its end. */
  forget(): void {
    this.#nos = new RecentlyUsed(KEPT_MAX)
  }

  /** Those of a batch, within a transaction that writes. */
  async of(tx: Transaction, owners: readonly Owner[]): Promise<PoolOf> {
    const wanted = new Map<string, readonly [projectNo: number, labels: string]>()
    for (const owner of owners) {
      const key = keyOf(owner)
      if (key !== null) wanted.set(key.text, key.pool)
    }
    const found = new Map<string, number>()
    for (const key of wanted.keys()) {
      const known = this.#nos.get(key)
      if (known !== undefined) found.set(key, known)
    }
    const missing = [...wanted].filter(([key]) => !found.has(key)).map(([, pool]) => pool)
    if (missing.length > 0) for (const [key, no] of await this.#read(tx, missing)) found.set(key, no)
    return (owner) => {
      const key = keyOf(owner)
      return key === null ? 0 : found.get(key.text)!
    }
  }

  async #read(
    tx: Transaction,
    missing: readonly (readonly [number, string])[],
  ): Promise<Map<string, number>> {
    const stored = await tx.all(FIND, ...columns(missing, 2))
    if (!this.#unsure.has(tx))
      for (const { no, projectNo, labels } of stored) this.#nos.set(`${projectNo} ${labels}`, no)
    if (stored.length === missing.length) return byKey(stored)
    this.#unsure.add(tx)
    await tx.run(INSERT, ...columns(missing, 2))
    return byKey(await tx.all(FIND, ...columns(missing, 2)))
  }
}

function byKey(found: readonly Found[]): Map<string, number> {
  return new Map(found.map(({ no, projectNo, labels }) => [`${projectNo} ${labels}`, no]))
}

function keyOf({ projectNo, spec }: Owner) {
  const labels = poolText(spec)
  if (labels === null) return null
  return { text: `${projectNo} ${labels}`, pool: [projectNo, labels] as const }
}
