// Concurrency keys: of the runs that share one, over all jobs of a project, only so many are under way. The others wait
// where no step looks for work, so that however many they are they hold up nobody; they go on in the order they came.

import type { Command, Database, Query } from './database.ts'
import type { RunRow } from './run-rows.ts'
import type { Specs } from './specs.ts'

/** Keys looked at in one step; the next one goes on behind them. */
const KEYS_MAX = 1_000

type Key = readonly [projectNo: number, key: string]
type First = readonly [jobNo: number, version: number]

export class Concurrency {
  readonly #specs: Specs
  readonly #any: Query<readonly [number]>
  readonly #keyAfter: Query<Key>
  readonly #first: Query<First>
  readonly #admitted: Query<readonly [number]>
  readonly #underWay: Query<readonly [number]>
  readonly #letGo: Command
  readonly #hold: Command
  #last: Key = [0, '']

  constructor(db: Database, specs: Specs) {
    this.#specs = specs
    const waiting = "FROM runs WHERE waits = 1 AND status = 'pending'"
    const keyed =
      'FROM runs WHERE project_no = ? AND concurrency_key = ? AND waits = 0 AND finished_at IS NULL'
    this.#any = db.tuples(`SELECT 1 ${waiting} LIMIT 1`)
    this.#keyAfter = db.tuples(
      `SELECT project_no, concurrency_key ${waiting} AND (project_no, concurrency_key) > (?, ?)
       ORDER BY project_no, concurrency_key LIMIT 1`,
    )
    this.#first = db.tuples(
      `SELECT job_no, version ${waiting} AND project_no = ? AND concurrency_key = ? ORDER BY ready_at, no LIMIT 1`,
    )
    this.#admitted = db.tuples(`SELECT count(*) ${keyed} AND (node_no IS NOT NULL OR ready_at <= ?)`)
    this.#underWay = db.tuples(`SELECT count(*) ${keyed} AND node_no IS NOT NULL`)
    this.#letGo = db.command(
      `UPDATE runs SET waits = 0 WHERE no IN (SELECT no ${waiting} AND project_no = ? AND concurrency_key = ?
         ORDER BY ready_at, no LIMIT ?)`,
    )
    this.#hold = db.command('UPDATE runs SET waits = 1 WHERE no = ?')
  }

  get anyWaits(): boolean {
    return this.#any.get() !== undefined
  }

  /** Lets those go on for whom there is room. Before a step looks for work, in its transaction. */
  release(now: number): void {
    let key: Key | undefined = this.#last
    for (let looked = 0; looked < KEYS_MAX; looked += 1) {
      key = this.#keyAfter.get(...key)
      if (key === undefined) break
      this.#letGoOf(key, now)
    }
    this.#last = key ?? [0, '']
  }

  /** May it start? If not it waits from here on. */
  admits({ no, projectNo, concurrencyKey, jobNo, version }: RunRow): boolean {
    if (concurrencyKey === null) return true
    const [underWay] = this.#underWay.get(projectNo, concurrencyKey)!
    if (underWay < this.#max([jobNo, version])) return true
    this.#hold.run(no)
    return false
  }

  #letGoOf(key: Key, now: number): void {
    const [admitted] = this.#admitted.get(...key, now)!
    const room = this.#max(this.#first.get(...key)!) - admitted
    if (room > 0) this.#letGo.run(...key, room)
  }

  #max([jobNo, version]: First): number {
    return this.#specs.of(jobNo, version).policy.concurrency?.max ?? Number.POSITIVE_INFINITY
  }
}
