// Effects: written where a run becomes final (finish.ts), taken, tried and recorded here.

import type { Delivery, Effect, EffectStatus } from '../../domain/effect.ts'
import type { Run } from '../../domain/run.ts'
import type { OutboxStore, Page, PageRequest } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'
import { COLUMNS, type EffectList, type EffectRow, toEffect, WITH_RUN } from './effect-list.ts'
import type { Nodes } from './nodes.ts'
import { numberWithin, rangeWithin } from './numbered.ts'
import { RUN_COLUMNS, RUNS_WITH_JOB, type RunReader, type RunRow } from './run-rows.ts'

type Filter = Parameters<OutboxStore['list']>[0]
type Result = Parameters<OutboxStore['record']>[0][number]
type DeliveryRow = Omit<Delivery, 'effectId' | 'ok'> & { readonly ok: number }
type State = { readonly no: number; readonly status: EffectStatus }

export class Outbox implements OutboxStore {
  readonly #db: Database
  readonly #reader: RunReader
  readonly #nodes: Nodes
  readonly #list: EffectList
  readonly #nextTryAt: Query<readonly [number]>
  readonly #due: Query<EffectRow & { readonly runNo: number }>
  readonly #hold: Command
  readonly #run: Query<RunRow>
  readonly #state: Query<State>
  readonly #lastDelivery: Query<readonly [number | null]>
  readonly #told: Query<readonly [number]>
  readonly #log: Command
  readonly #follow: Command
  readonly #byId: Query<EffectRow & { readonly no: number }>
  readonly #deliveries: Query<DeliveryRow>
  readonly #restart: Command

  constructor(db: Database, reader: RunReader, nodes: Nodes, list: EffectList) {
    this.#db = db
    this.#reader = reader
    this.#nodes = nodes
    this.#list = list
    this.#nextTryAt = db.tuples(
      'SELECT next_try_at FROM effects WHERE next_try_at IS NOT NULL ORDER BY next_try_at LIMIT 1',
    )
    this.#due = db.query(
      `SELECT ${COLUMNS}, e.run_no AS runNo ${WITH_RUN} WHERE e.next_try_at <= ? ORDER BY e.next_try_at, e.no LIMIT ?`,
    )
    this.#hold = db.command('UPDATE effects SET next_try_at = ?, held = ? WHERE no = ?')
    this.#run = db.query(`SELECT ${RUN_COLUMNS} ${RUNS_WITH_JOB} WHERE r.no = ?`)
    this.#state = db.query('SELECT no, status FROM effects WHERE id = ?')
    this.#lastDelivery = db.tuples('SELECT max(no) FROM deliveries WHERE no BETWEEN ? AND ?')
    this.#told = db.tuples(
      'SELECT 1 FROM deliveries WHERE no BETWEEN ? AND ? AND started_at = ? AND ended_at = ? AND ok = ?',
    )
    this.#log = db.command(
      'INSERT INTO deliveries (no, started_at, ended_at, status, ok, message) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#follow = db.command(
      'UPDATE effects SET status = ?, tries = tries + 1, next_try_at = ?, held = 0, ended_at = ? WHERE no = ?',
    )
    this.#byId = db.query(`SELECT e.no, ${COLUMNS} ${WITH_RUN} WHERE e.id = ?`)
    this.#deliveries = db.query(
      `SELECT number, started_at AS startedAt, ended_at AS endedAt, status, ok, message FROM deliveries
       WHERE no BETWEEN ? AND ? ORDER BY no`,
    )
    this.#restart = db.command(
      `UPDATE effects SET status = 'pending', tries = 0, next_try_at = ?, held = 0, ended_at = NULL
       WHERE id = ? AND status <> 'pending'`,
    )
  }

  async due(request: Parameters<OutboxStore['due']>[0]): Promise<{ effect: Effect; run: Run }[]> {
    const { now, limit, holdMs, nodeId } = request
    const next = await this.nextTryAt()
    if (next === null || next > now) return []
    return this.#db.write(() => {
      const nodeNo = this.#nodes.live(nodeId, now)
      if (nodeNo === null) return []
      return this.#due.all(now, limit).map((row) => {
        // A hold is a later next try: should its holder forget it, the effect comes due by itself.
        this.#hold.run(now + holdMs, nodeNo, row.no)
        const effect = toEffect(row, this.#reader.projects)
        return { effect, run: this.#reader.run(this.#run.get(row.runNo)!) }
      })
    })
  }

  async nextTryAt(): Promise<number | null> {
    return this.#db.read(() => this.#nextTryAt.get()?.[0] ?? null)
  }

  async record(results: readonly Result[]): Promise<void> {
    this.#db.write(() => {
      for (const result of results) this.#recordOne(result)
    })
  }

  async list(filter: Filter, page: PageRequest): Promise<Page<Effect>> {
    return this.#db.read(() => this.#list.page(filter, page))
  }

  async get(id: string): Promise<{ effect: Effect; deliveries: Delivery[] } | null> {
    return this.#db.read(() => {
      const row = this.#byId.get(id)
      if (row === undefined) return null
      const deliveries = this.#deliveries
        .all(...rangeWithin(row.no))
        .map((delivery) => ({ effectId: id, ...delivery, ok: delivery.ok === 1 }))
      return { effect: toEffect(row, this.#reader.projects), deliveries }
    })
  }

  async redeliver(id: string, now: number): Promise<boolean> {
    return this.#db.write(() => this.#restart.run(now, id).changes === 1)
  }

  #recordOne({ delivery, nextTryAt }: Result): void {
    const state = this.#state.get(delivery.effectId)
    if (state === undefined) return
    const { no, status } = state
    // Numbered here: after a redelivery the tries begin anew, the record of them goes on.
    const last = this.#lastDelivery.get(...rangeWithin(no))![0] ?? numberWithin(no, 0)
    const { startedAt, endedAt, ok, message } = delivery
    if (this.#told.get(...rangeWithin(no), startedAt, endedAt, ok ? 1 : 0) !== undefined) return
    this.#log.run(last + 1, startedAt, endedAt, delivery.status, ok ? 1 : 0, message)
    if (ok) this.#follow.run('delivered', null, endedAt, no)
    else if (status === 'pending') {
      if (nextTryAt === null) this.#follow.run('dead', null, endedAt, no)
      else this.#follow.run('pending', nextTryAt, null, no)
    }
  }
}
