// Effects: written where a run becomes final (finish.ts), taken, tried and recorded here.

import type { Delivery, Effect, EffectStatus } from '../../domain/effect.ts'
import type { Run } from '../../domain/run.ts'
import type { OutboxStore, Page, PageRequest } from '../../ports/store.ts'
import type { Database, Transaction } from './database.ts'
import { EFFECT_COLUMNS, EFFECT_NAMES, type EffectList, type EffectRow, toEffect } from './effect-list.ts'
import type { Nodes } from './nodes.ts'
import { RUN_COLUMNS, RUNS_WITH_NAMES, type RunRow, toRun } from './run-rows.ts'
import { sql } from './sql.ts'
import { storable } from './text.ts'

type Filter = Parameters<OutboxStore['list']>[0]
type Result = Parameters<OutboxStore['record']>[0][number]
type DeliveryRow = Omit<Delivery, 'effectId'>
type State = { readonly no: number; readonly status: EffectStatus; readonly last: number }

const NEXT_TRY_AT = sql<{ at: number }>(
  'SELECT next_try_at AS at FROM effects WHERE next_try_at IS NOT NULL ORDER BY next_try_at, no LIMIT 1',
)
const DUE = sql<EffectRow>(
  `SELECT ${EFFECT_COLUMNS} FROM (
     SELECT * FROM effects WHERE next_try_at IS NOT NULL AND next_try_at <= $1 ORDER BY next_try_at, no LIMIT $2
     FOR UPDATE SKIP LOCKED) e ${EFFECT_NAMES} ORDER BY e.next_try_at, e.no`,
)
const HOLD = sql('UPDATE effects SET next_try_at = $1, held = $2 WHERE no = ANY($3::bigint[])')
const RUNS = sql<RunRow>(
  `SELECT ${RUN_COLUMNS} ${RUNS_WITH_NAMES} JOIN unnest($1::text[], $2::bigint[]) AS w (id, due_at)
     ON r.id = w.id AND r.due_at + 0 = w.due_at`,
)
// Late reports of one effect come one after the other, so that each has a number of its own.
const STATE = sql<State>('SELECT no, status FROM effects WHERE id = $1 FOR UPDATE')
const LAST = sql<{ last: number }>(
  'SELECT coalesce(max(number), 0) AS last FROM deliveries WHERE effect_no = $1',
)
const TOLD = sql<{ one: number }>(
  'SELECT 1 AS one FROM deliveries WHERE effect_no = $1 AND started_at = $2 AND ended_at = $3 AND ok = $4',
)
const LOG = sql(
  `INSERT INTO deliveries (effect_no, number, started_at, ended_at, status, ok, message)
   VALUES ($1, $2, $3, $4, $5, $6, $7)`,
)
const FOLLOW = sql(
  `UPDATE effects SET status = $1, tries = tries + 1, next_try_at = $2, held = NULL, ended_at = $3 WHERE no = $4`,
)
const BY_ID = sql<EffectRow>(`SELECT ${EFFECT_COLUMNS} FROM effects e ${EFFECT_NAMES} WHERE e.id = $1`)
const DELIVERIES = sql<DeliveryRow>(
  `SELECT number, started_at AS "startedAt", ended_at AS "endedAt", status, ok, message FROM deliveries
   WHERE effect_no = $1 ORDER BY number`,
)
const RESTART = sql(
  `UPDATE effects SET status = 'pending', tries = 0, next_try_at = $1, held = NULL, ended_at = NULL
   WHERE id = $2 AND status <> 'pending'`,
)

export class Outbox implements OutboxStore {
  readonly #db: Database
  readonly #nodes: Nodes
  readonly #list: EffectList

  constructor(db: Database, nodes: Nodes, list: EffectList) {
    this.#db = db
    this.#nodes = nodes
    this.#list = list
  }

  async due(request: Parameters<OutboxStore['due']>[0]): Promise<{ effect: Effect; run: Run }[]> {
    const { now, limit, holdMs, nodeId } = request
    const lease = await this.#nodes.leasing(nodeId)
    return this.#db.write(
      now,
      async (tx) => {
        const rows = (await lease.isLive(tx)) ? await tx.all(DUE, tx.now, limit) : []
        if (rows.length === 0) return []
        // A hold is a later next try: should its holder forget it, the effect comes due by itself.
        await tx.run(
          HOLD,
          tx.now + holdMs,
          lease.nodeNo,
          rows.map(({ no }) => no),
        )
        const ids = rows.map(({ runId }) => runId)
        const dues = rows.map(({ dueAt }) => dueAt)
        const runs = new Map((await tx.all(RUNS, ids, dues)).map((run) => [run.id, run]))
        return rows.map((row) => ({ effect: toEffect(row), run: toRun(runs.get(row.runId)!) }))
      },
      lease.lock,
    )
  }

  async nextTryAt(): Promise<number | null> {
    return (await this.#db.read((reader) => reader.get(NEXT_TRY_AT)))?.at ?? null
  }

  async record(results: readonly Result[]): Promise<void> {
    if (results.length === 0) return
    const ordered = [...results].sort((a, b) => (a.delivery.effectId < b.delivery.effectId ? -1 : 1))
    await this.#db.write(0, async (tx) => {
      for (const result of ordered) await recordOne(tx, result)
    })
  }

  list(filter: Filter, page: PageRequest): Promise<Page<Effect>> {
    return this.#db.read((reader) => this.#list.page(reader, filter, page))
  }

  get(id: string): Promise<{ effect: Effect; deliveries: Delivery[] } | null> {
    return this.#db.read(async (reader) => {
      const row = await reader.get(BY_ID, id)
      if (row === undefined) return null
      const deliveries = await reader.all(DELIVERIES, row.no)
      return {
        effect: toEffect(row),
        deliveries: deliveries.map((delivery) => ({ effectId: id, ...delivery })),
      }
    })
  }

  redeliver(id: string, now: number): Promise<boolean> {
    return this.#db.write(now, async (tx) => (await tx.run(RESTART, tx.now, id)) === 1)
  }
}

async function recordOne(tx: Transaction, { delivery, nextTryAt }: Result): Promise<void> {
  const state = await tx.get(STATE, delivery.effectId)
  if (state === undefined) return
  const { no, status } = state
  // Numbered here: after a redelivery the tries begin anew, the record of them goes on.
  const { last } = (await tx.get(LAST, no))!
  const { startedAt, endedAt, ok, message } = delivery
  // A record whose commit nobody confirmed comes again; it counts once.
  if (last > 0 && (await tx.get(TOLD, no, startedAt, endedAt, ok)) !== undefined) return
  await tx.run(LOG, no, last + 1, startedAt, endedAt, delivery.status, ok, storable(message))
  if (ok) await tx.run(FOLLOW, 'delivered', null, endedAt, no)
  else if (status === 'pending') {
    if (nextTryAt === null) await tx.run(FOLLOW, 'dead', null, endedAt, no)
    else await tx.run(FOLLOW, 'pending', nextTryAt, null, no)
  }
}
