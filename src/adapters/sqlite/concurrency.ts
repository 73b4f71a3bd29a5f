// Concurrency keys, and the quota of a project as one for all its runs: of those that share one only so many are under way.
// The others wait where no step looks for work, so that however many they are they hold up nobody; they go on in the order
// they came.

import { type Head, inShares } from '../../domain/fair-share.ts'
import { QUOTA_KEY } from '../../domain/run.ts'
import type { Command, Database, Query } from './database.ts'
import type { ProjectRoom } from './project-room.ts'
import type { RunRow } from './run-rows.ts'
import type { Specs } from './specs.ts'

/** Keys looked at in one step; the next one goes on behind them. */
const KEYS_MAX = 1_000

/** Let go of one key in one step: of a project whose quota was taken away all may go on. */
const LET_GO_MAX = 1_000

type Key = readonly [projectNo: number, key: string]
type First = readonly [jobNo: number, version: number, readyAt: number]
type Queue = Head & { readonly key: string; readonly first: First }

export class Concurrency {
  readonly #specs: Specs
  readonly #any: Query<readonly [number]>
  readonly #keyAfter: Query<Key>
  readonly #first: Query<First>
  readonly #admitted: Query<readonly [number]>
  readonly #underWay: Query<readonly [number]>
  readonly #letGoHere: Command
  readonly #letGoToAgents: Command
  readonly #hold: Command
  readonly #room: ProjectRoom
  #last: Key = [0, '']

  constructor(db: Database, specs: Specs, room: ProjectRoom) {
    this.#specs = specs
    this.#room = room
    const waiting = 'FROM runs WHERE waits = 1 AND concurrency_key IS NOT NULL AND finished_at IS NULL'
    const keyed =
      'FROM runs WHERE project_no = ? AND concurrency_key = ? AND waits = 0 AND finished_at IS NULL'
    this.#any = db.tuples(`SELECT 1 ${waiting} LIMIT 1`)
    this.#keyAfter = db.tuples(
      `SELECT project_no, concurrency_key ${waiting} AND (project_no, concurrency_key) > (?, ?)
       ORDER BY project_no, concurrency_key LIMIT 1`,
    )
    this.#first = db.tuples(
      `SELECT job_no, version, ready_at ${waiting} AND project_no = ? AND concurrency_key = ? ORDER BY ready_at, no LIMIT 1`,
    )
    this.#admitted = db.tuples(`SELECT count(*) ${keyed} AND (node_no IS NOT NULL OR ready_at <= ?)`)
    this.#underWay = db.tuples(`SELECT count(*) ${keyed} AND node_no IS NOT NULL`)
    const letGo = (pools: string): Command =>
      db.command(
        `UPDATE runs SET waits = 0 WHERE no IN (SELECT no ${waiting} AND project_no = ? AND concurrency_key = ?
           AND ${pools} ORDER BY ready_at, no LIMIT ?)`,
      )
    this.#letGoHere = letGo('pool_no = 0')
    this.#letGoToAgents = letGo('pool_no > 0')
    this.#hold = db.command(
      `UPDATE runs SET waits = 1, concurrency_key = ifnull(concurrency_key, '${QUOTA_KEY}') WHERE no = ?`,
    )
  }

  get anyWaits(): boolean {
    return this.#any.get() !== undefined
  }

  /** Lets those go on for whom there is room. Before a step looks for work, in its transaction. */
  release(now: number): void {
    const queues: Queue[] = []
    let key: Key | undefined = this.#last
    for (let looked = 0; looked < KEYS_MAX; looked += 1) {
      key = this.#keyAfter.get(...key)
      if (key === undefined) break
      const first = this.#first.get(...key)!
      queues.push({ projectNo: key[0], key: key[1], first, readyAt: first[2] })
    }
    this.#last = key ?? [0, '']
    for (const { queue, among } of inShares(queues)) this.#letGoOf(queue, among, now)
  }

  /** May it start? If not it waits from here on. */
  admits(row: RunRow): boolean {
    const { no, projectNo, concurrencyKey, jobNo, version } = row
    if (this.#hasRoom(projectNo, concurrencyKey, jobNo, version) && this.#room.admits(row)) return true
    this.#hold.run(no)
    return false
  }

  #hasRoom(projectNo: number, key: string | null, jobNo: number, version: number): boolean {
    if (key === null || key === QUOTA_KEY) return true
    return this.#underWay.get(projectNo, key)![0] < this.#max(jobNo, version)
  }

  #letGoOf(queue: Queue, among: number, now: number): void {
    const { projectNo, key } = queue
    // Where the project has no room they would only be held again.
    const share = Math.ceil(this.#room.left(projectNo, now) / among)
    const ofKey = Math.min(this.#leftUnder(queue, now), LET_GO_MAX)
    if (ofKey <= 0 || share <= 0) return
    const { changes } = this.#letGoHere.run(projectNo, key, Math.min(ofKey, share))
    const left = ofKey - Number(changes)
    // There may be no agent for them for a long time: they take no room from others, who leases them looks again.
    if (left > 0) this.#letGoToAgents.run(projectNo, key, left)
  }

  #leftUnder({ projectNo, key, first: [jobNo, version] }: Queue, now: number): number {
    if (key === QUOTA_KEY) return Number.POSITIVE_INFINITY
    return this.#max(jobNo, version) - this.#admitted.get(projectNo, key, now)![0]
  }

  #max(jobNo: number, version: number): number {
    return this.#specs.of(jobNo, version).policy.concurrency?.max ?? Number.POSITIVE_INFINITY
  }
}
