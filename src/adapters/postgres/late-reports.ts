// Reports that came too late: kept beside the attempt they tell of, which they do not change.

import type { Outcome, OutcomeKind } from '../../domain/outcome.ts'
import type { Transaction } from './database.ts'
import { sql } from './sql.ts'
import { storable } from './text.ts'

type Attempt = {
  readonly runNo: number
  readonly dueAt: number
  readonly number: number
  readonly outcome: OutcomeKind
}
export type LateNews = { readonly runId: string; readonly fence: number; readonly outcome: Outcome }

/** Ends that others have given to an attempt. */
const TAKEN_AWAY: readonly OutcomeKind[] = ['lost', 'timeout', 'cancelled']

const COLUMNS = 't.run_no AS "runNo", t.due_at AS "dueAt", t.number, t.outcome'
const ATTEMPT = sql<Attempt>(
  `SELECT ${COLUMNS} FROM runs r JOIN attempts t ON t.run_no = r.no AND t.due_at = r.due_at AND t.fence = $2
   WHERE r.id = $1`,
)
/** If it was carried out by the agent of that session. */
const OWN_ATTEMPT = sql<Attempt>(
  `SELECT ${COLUMNS} FROM runs r JOIN attempts t ON t.run_no = r.no AND t.due_at = r.due_at AND t.fence = $2
   JOIN nodes had ON had.no = t.node_no JOIN nodes tells ON tells.agent_no = had.agent_no
   WHERE r.id = $1 AND tells.id = $3`,
)
// The first word counts: what is repeated adds nothing.
const INSERT = sql(
  `INSERT INTO late_reports (run_no, due_at, number, at, outcome, detail) VALUES ($1, $2, $3, $4, $5, $6)
   ON CONFLICT DO NOTHING`,
)

export async function keepLate(tx: Transaction, { runId, fence, outcome }: LateNews): Promise<void> {
  if (isNews(outcome)) await write(tx, await tx.get(ATTEMPT, runId, fence), outcome)
}

/** The same, if the attempt was this session's agent's. */
export async function keepLateFor(tx: Transaction, sessionId: string, news: LateNews): Promise<void> {
  const { runId, fence, outcome } = news
  if (isNews(outcome)) await write(tx, await tx.get(OWN_ATTEMPT, runId, fence, sessionId), outcome)
}

function isNews({ kind }: Outcome): boolean {
  return kind !== 'cancelled' && kind !== 'lost'
}

/** An attempt that ended by a report of its own has no late one. */
async function write(tx: Transaction, attempt: Attempt | undefined, outcome: Outcome): Promise<void> {
  if (attempt === undefined || !TAKEN_AWAY.includes(attempt.outcome) || attempt.outcome === outcome.kind)
    return
  const { runNo, dueAt, number } = attempt
  await tx.run(INSERT, runNo, dueAt, number, tx.now, outcome.kind, storable(JSON.stringify(outcome)))
}
