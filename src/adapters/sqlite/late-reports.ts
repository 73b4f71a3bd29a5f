// Reports that came too late: kept beside the attempt they tell of, which they do not change.

import type { LateReport } from '../../domain/attempt.ts'
import type { Outcome } from '../../domain/outcome.ts'
import type { Command, Database, Query } from './database.ts'
import { rangeWithin } from './numbered.ts'

type Row = {
  readonly number: number
  readonly at: number
  readonly outcome: Outcome['kind']
  readonly detail: string | null
}

/** Ends that others have given to an attempt. */
const TAKEN_AWAY: readonly Outcome['kind'][] = ['lost', 'timeout', 'cancelled']

export class LateReports {
  readonly #attempt: Query<readonly [no: number, outcome: Outcome['kind']]>
  readonly #sameAgent: Query<readonly [number]>
  readonly #runNo: Query<readonly [number]>
  readonly #insert: Command
  readonly #ofRun: Query<Row>

  constructor(db: Database) {
    this.#runNo = db.tuples('SELECT no FROM runs WHERE id = ?')
    this.#attempt = db.tuples('SELECT no, outcome FROM attempts WHERE no BETWEEN ? AND ? AND fence = ?')
    this.#sameAgent = db.tuples(
      `SELECT 1 FROM attempts t JOIN nodes had ON had.no = t.node_no JOIN nodes tells ON tells.agent_no = had.agent_no
       WHERE t.no = ? AND tells.id = ?`,
    )
    // The first word counts: what is repeated adds nothing.
    this.#insert = db.command(
      'INSERT INTO late_reports (no, at, outcome, detail) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    )
    this.#ofRun = db.query(
      'SELECT no & 1048575 AS number, at, outcome, detail FROM late_reports WHERE no BETWEEN ? AND ?',
    )
  }

  /** Within a transaction. An attempt that ended by a report of its own has no late one. */
  write(runId: string, fence: number, outcome: Outcome, at: number): void {
    const no = this.#endedOtherwise(runId, fence, outcome)
    if (no !== null) this.#insert.run(no, at, outcome.kind, JSON.stringify(outcome))
  }

  /** The same, if the attempt was this session's agent's. */
  writeFor(sessionId: string, runId: string, fence: number, outcome: Outcome, at: number): void {
    const no = this.#endedOtherwise(runId, fence, outcome)
    if (no === null || this.#sameAgent.get(no, sessionId) === undefined) return
    this.#insert.run(no, at, outcome.kind, JSON.stringify(outcome))
  }

  #endedOtherwise(runId: string, fence: number, outcome: Outcome): number | null {
    if (outcome.kind === 'cancelled' || outcome.kind === 'lost') return null
    const runNo = this.#runNo.get(runId)?.[0]
    const attempt = runNo === undefined ? undefined : this.#attempt.get(...rangeWithin(runNo), fence)
    if (attempt === undefined || !TAKEN_AWAY.includes(attempt[1]) || attempt[1] === outcome.kind) return null
    return attempt[0]
  }

  /** By the attempt's number. */
  ofRun(runNo: number): ReadonlyMap<number, LateReport> {
    return new Map(
      this.#ofRun
        .all(...rangeWithin(runNo))
        .map(({ number, at, outcome, detail }) => [
          number,
          { at, outcome, detail: detail === null ? ({ kind: outcome } as Outcome) : JSON.parse(detail) },
        ]),
    )
  }
}
