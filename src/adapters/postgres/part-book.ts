// The parts of runs that several agents share, as rows: the steps they go. Whoever changes parts holds the row of their
// run, so that of two that end at once the later one sees what the other has ended.

import type { AttemptCause } from '../../domain/attempt.ts'
import type { PartEnd, PartStatus, RunPart } from '../../domain/run-part.ts'
import type { Settlement } from '../../domain/settle.ts'
import type { Held } from '../../ports/agent-store.ts'
import type { Reader, Transaction } from './database.ts'
import { columns, sql } from './sql.ts'
import { storableOrNull } from './text.ts'

/** The row of nodes that stands for all who hold a part of a run. */
export const PARTED_NO = -1

export type PartRow = {
  readonly runNo: number
  readonly runId: string
  readonly dueAt: number
  readonly part: number
  readonly total: number
  readonly poolNo: number
  readonly agentNo: number | null
  readonly status: PartStatus
  readonly cause: AttemptCause
  readonly attempt: number
  readonly fence: number
  readonly readyAt: number
  readonly startBy: number | null
  readonly nodeNo: number | null
  readonly nodeId: string | null
  readonly leasedAt: number | null
}

type Shown = Omit<RunPart, 'attempt'> & { readonly attempt: number }
type RunRef = { readonly no: number; readonly id: string; readonly dueAt: number }

const COLUMNS = `p.run_no AS "runNo", r.id AS "runId", p.due_at AS "dueAt", p.part, p.total, p.pool_no AS "poolNo",
  p.agent_no AS "agentNo", p.status, p.cause, p.attempt, p.fence, p.ready_at AS "readyAt", p.start_by AS "startBy", p.node_no AS "nodeNo",
  n.id AS "nodeId", p.leased_at AS "leasedAt"`
const NAMES = `JOIN runs r ON r.id = p.run_id LEFT JOIN nodes n ON n.no = p.node_no`

/** The rows that `chosen` (a query of whole rows of parts) gives, with names. */
function withNames(chosen: string): string {
  return `SELECT ${COLUMNS} FROM (${chosen}) p ${NAMES}`
}

const INSERT = sql(
  `INSERT INTO parts (run_no, run_id, due_at, part, total, pool_no, agent_no, status, cause, attempt, fence, ready_at, start_by)
   SELECT $1, $2, $3, w.part, $4, $5, w.agent_no, 'waiting', 'first', 0, 0, $6, $7
   FROM unnest($8::integer[], $9::bigint[]) AS w (part, agent_no)`,
)
const LEASE = sql(
  `UPDATE parts p SET status = 'running', attempt = l.attempt, fence = l.fence, node_no = $1, leased_at = $2, start_by = NULL
   FROM unnest($3::bigint[], $4::integer[], $5::integer[], $6::bigint[]) AS l (run_no, part, attempt, fence)
   WHERE p.run_no = l.run_no AND p.part = l.part`,
)
const AGAIN = sql(
  `UPDATE parts SET status = 'waiting', ready_at = $1, start_by = $2, cause = $3, message = $4, node_no = NULL,
     leased_at = NULL WHERE run_no = $5 AND part = $6`,
)
const END = sql(
  `UPDATE parts p SET status = e.status, message = e.message, ended_at = $1::bigint, node_no = NULL, leased_at = NULL
   FROM unnest($2::bigint[], $3::integer[], $4::text[], $5::text[]) AS e (run_no, part, status, message)
   WHERE p.run_no = e.run_no AND p.part = e.part`,
)
const TAKE_OVER = sql(
  `UPDATE parts p SET node_no = $1 FROM runs r
   WHERE r.id = $2 AND p.run_no = r.no AND p.fence = $3 AND p.node_no IS NOT NULL AND p.node_no = $4`,
)
const TAKEABLE = sql<{ runId: string; dueAt: number }>(
  `SELECT DISTINCT r.id AS "runId", r.due_at AS "dueAt" FROM (
     (SELECT run_id FROM parts WHERE status = 'waiting' AND agent_no IS NOT NULL AND agent_no = $1
       AND ready_at <= $2 ORDER BY ready_at, run_no LIMIT $3)
     UNION ALL
     (SELECT c.run_id FROM unnest($4::bigint[]) AS w (no) CROSS JOIN LATERAL (
       SELECT run_id FROM parts WHERE status = 'waiting' AND agent_no IS NULL AND pool_no = w.no
         AND ready_at <= $2 ORDER BY ready_at, run_no, part LIMIT $3) c)) p
   JOIN runs r ON r.id = p.run_id`,
)
const WAITING_OF = sql<PartRow>(
  `${withNames("SELECT * FROM parts WHERE run_no = ANY($1::bigint[]) AND status = 'waiting' AND ready_at <= $2")}
   ORDER BY p.agent_no NULLS LAST, p.ready_at, p.run_no, p.part`,
)
const WAITING_FOR = sql<PartRow>(
  `${withNames(
    `SELECT * FROM parts WHERE run_no = ANY($1::bigint[]) AND status = 'waiting' AND ready_at <= $2
       AND (agent_no = $3 OR (agent_no IS NULL AND pool_no = ANY($4::bigint[])))`,
  )} ORDER BY p.agent_no NULLS LAST, p.ready_at, p.run_no, p.part`,
)
const LIVE = sql<PartRow>(
  `SELECT ${COLUMNS} FROM runs r JOIN parts p ON p.run_no = r.no JOIN nodes n ON n.no = p.node_no
   WHERE r.id = $1 AND p.fence = $2 AND p.node_no IS NOT NULL`,
)
const OPEN = sql<PartRow>(
  withNames('SELECT * FROM parts WHERE run_no = ANY($1::bigint[]) AND ended_at IS NULL'),
)
const UNDER_WAY = sql<PartRow & { readonly agent: string | null }>(
  `SELECT ${COLUMNS}, g.name AS agent FROM parts p ${NAMES} LEFT JOIN agents g ON g.no = n.agent_no
   WHERE p.run_no = $1 AND p.node_no IS NOT NULL ORDER BY p.attempt`,
)
const HELD_BY = sql<PartRow>(
  `${withNames('SELECT * FROM parts WHERE node_no IS NOT NULL AND node_no = $1 AND leased_at < $2 LIMIT $3')}
   ORDER BY p.run_no, p.part`,
)
const HELD_BY_ID = sql<PartRow>(
  `${withNames(
    `SELECT q.* FROM nodes m JOIN parts q ON q.node_no = m.no
     WHERE m.id = $1 AND q.node_no IS NOT NULL AND q.leased_at < $2`,
  )} ORDER BY p.run_no, p.part`,
)
const IN_VAIN = sql<PartRow>(
  `${withNames(
    `(SELECT q.* FROM parts q WHERE q.status = 'waiting' AND q.start_by IS NOT NULL AND q.start_by < $1 LIMIT $3)
     UNION
     (SELECT q.* FROM agents a JOIN parts q ON q.agent_no = a.no LEFT JOIN nodes m ON m.no = a.session_no
      WHERE q.status = 'waiting' AND q.agent_no IS NOT NULL AND (a.removed_at IS NOT NULL OR (q.ready_at < $2
        AND (a.draining OR m.no IS NULL OR m.left_at < $2 OR m.lease_until < $2))) LIMIT $3)`,
  )} ORDER BY p.due_at, p.run_no, p.part`,
)
const OF_RUN = sql<Shown>(
  `SELECT p.part AS "index", p.status, p.attempt, p.message, p.ended_at AS "endedAt",
     coalesce(mine.name, has.name, had.name) AS agent
   FROM runs r JOIN parts p ON p.run_no = r.no
   LEFT JOIN agents mine ON mine.no = p.agent_no
   LEFT JOIN nodes n ON n.no = p.node_no LEFT JOIN agents has ON has.no = n.agent_no
   LEFT JOIN attempts t ON t.run_no = p.run_no AND t.due_at = p.due_at AND t.number = p.attempt
   LEFT JOIN nodes m ON m.no = t.node_no LEFT JOIN agents had ON had.no = m.agent_no
   WHERE r.id = $1 ORDER BY p.part`,
)

/** One for each of `agents`; null stands for any. */
export async function openParts(
  tx: Transaction,
  run: RunRef & { readonly poolNo: number },
  agents: readonly (number | null)[],
  startBy: number | null,
): Promise<void> {
  const parts = agents.map((_, part) => part)
  await tx.run(INSERT, run.no, run.id, run.dueAt, agents.length, run.poolNo, tx.now, startBy, parts, agents)
}

export async function leaseParts(tx: Transaction, leased: readonly PartRow[], nodeNo: number): Promise<void> {
  if (leased.length === 0) return
  const rows = leased.map(({ runNo, part, attempt, fence }) => [runNo, part, attempt, fence] as const)
  await tx.run(LEASE, nodeNo, tx.now, ...columns(rows, 4))
}

export async function againPart(
  tx: Transaction,
  { runNo, part }: PartRow,
  { readyAt, startBy = null, cause, message }: Settlement & { readonly kind: 'retry' },
): Promise<void> {
  await tx.run(AGAIN, readyAt, startBy, cause, storableOrNull(message), runNo, part)
}

export async function endParts(
  tx: Transaction,
  ended: readonly { readonly part: PartRow; readonly status: PartEnd; readonly message: string | null }[],
): Promise<void> {
  if (ended.length === 0) return
  const rows = ended.map(({ part: { runNo, part }, status, message }) => {
    return [runNo, part, status, storableOrNull(message)] as const
  })
  await tx.run(END, tx.now, ...columns(rows, 4))
}

/** false: it is not the older session's any more. */
export async function takeOverPart(tx: Transaction, held: Held, from: number, to: number): Promise<boolean> {
  return (await tx.run(TAKE_OVER, to, held.runId, held.fence, from)) === 1
}

/** Runs with parts that wait and that an agent may have. */
export function runsToTake(
  tx: Transaction,
  agentNo: number,
  pools: readonly number[],
  limit: number,
): Promise<{ runId: string; dueAt: number }[]> {
  return tx.all(TAKEABLE, agentNo, tx.now, limit, pools)
}

/** Those that an agent may have: the ones for it alone first, then the oldest. */
export function waitingFor(
  tx: Transaction,
  runNos: readonly number[],
  agentNo: number,
  pools: readonly number[],
): Promise<PartRow[]> {
  return tx.all(WAITING_FOR, runNos, tx.now, agentNo, pools)
}

export function waitingOf(tx: Transaction, runNos: readonly number[]): Promise<PartRow[]> {
  return tx.all(WAITING_OF, runNos, tx.now)
}

export function livePart(reader: Reader, { runId, fence }: Held): Promise<PartRow | undefined> {
  return reader.get(LIVE, runId, fence)
}

/** Waiting or under way. */
export async function openPartsOf(reader: Reader, runNos: readonly number[]): Promise<PartRow[]> {
  return runNos.length === 0 ? [] : reader.all(OPEN, runNos)
}

export function partsUnderWay(
  reader: Reader,
  runNo: number,
): Promise<(PartRow & { readonly agent: string | null })[]> {
  return reader.all(UNDER_WAY, runNo)
}

export function partsHeldBy(tx: Transaction, nodeNo: number, limit: number): Promise<PartRow[]> {
  return tx.all(HELD_BY, nodeNo, Number.MAX_SAFE_INTEGER, limit)
}

export function partsOfSession(reader: Reader, sessionId: string, leasedBefore: number): Promise<PartRow[]> {
  return reader.all(HELD_BY_ID, sessionId, leasedBefore)
}

export function partsInVain(reader: Reader, now: number, awayMs: number, limit: number): Promise<PartRow[]> {
  return reader.all(IN_VAIN, now, now - awayMs, limit)
}

export async function partsOfRun(reader: Reader, runId: string): Promise<RunPart[]> {
  return (await reader.all(OF_RUN, runId)).map((row) => ({
    ...row,
    attempt: row.attempt === 0 ? null : row.attempt,
  }))
}
