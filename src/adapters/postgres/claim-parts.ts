// How runs that several agents share are parted, and their parts leased to a session.

import { resolvePolicy } from '../../domain/policy.ts'
import { type Offer, poolLabels, serves } from '../../domain/pool.ts'
import { spreadOf } from '../../domain/run-part.ts'
import { queueUntil } from '../../domain/start-deadline.ts'
import type { Work } from '../../ports/work.ts'
import type { Reader, Transaction } from './database.ts'
import {
  leaseParts,
  openParts,
  PARTED_NO,
  type PartRow,
  runsToTake,
  waitingFor,
  waitingOf,
} from './part-book.ts'
import { type RunRow, toPartWork, withNames } from './run-rows.ts'
import type { Specs } from './specs.ts'
import { columns, sql } from './sql.ts'

/** Who leases: a live session, and the agent it is of. */
export type Taker = { readonly nodeNo: number; readonly sessionId: string; readonly agentNo: number }

export type Choice = {
  readonly mayTake: (offer: Offer, pool: number) => boolean
  readonly othersFree: (pool: number) => boolean
  readonly lastFailures: (
    tx: Transaction,
    attempts: readonly { readonly no: number; readonly dueAt: number; readonly number: number }[],
  ) => Promise<ReadonlyMap<string, string | null>>
}

const AGENT_NO = sql<{ agentNo: number }>(
  'SELECT agent_no AS "agentNo" FROM nodes WHERE no = $1 AND agent_no IS NOT NULL',
)
const THERE = sql<{ no: number; labels: string; projectIds: string | null }>(
  `SELECT a.no, a.labels, a.project_ids AS "projectIds" FROM agents a JOIN nodes n ON n.no = a.session_no
   WHERE a.removed_at IS NULL AND NOT a.draining AND n.left_at IS NULL AND n.lease_until >= $1 ORDER BY a.name`,
)
const EXPECTED = sql<{ id: string }>(
  `SELECT DISTINCT n.id FROM parts p JOIN agents a ON a.no = p.agent_no JOIN nodes n ON n.no = a.session_no
   WHERE p.status = 'waiting' AND p.agent_no IS NOT NULL AND p.ready_at <= $1 AND n.left_at IS NULL AND n.id > $3
   ORDER BY n.id LIMIT $2`,
)
const IS_EXPECTED = sql<{ is: boolean }>(
  `SELECT EXISTS (SELECT 1 FROM nodes n JOIN agents a ON a.session_no = n.no JOIN parts p ON p.agent_no = a.no
   WHERE n.id = $2 AND p.status = 'waiting' AND p.agent_no IS NOT NULL AND p.ready_at <= $1 AND n.left_at IS NULL) AS is`,
)
// Always in the same order, so that two that lock the same runs wait for each other instead of both waiting.
const LOCK = sql<RunRow>(
  `${withNames(
    `SELECT r.* FROM unnest($1::text[], $2::bigint[]) AS w (id, due_at) JOIN runs r ON r.id = w.id AND r.due_at + 0 = w.due_at
     WHERE r.node_no IS NOT NULL AND r.node_no = ${PARTED_NO} ORDER BY r.due_at, r.no FOR UPDATE OF r`,
  )} ORDER BY r.due_at, r.no`,
)
const COUNT_ON = sql(
  `UPDATE runs r SET attempts = r.attempts + w.more, fence = r.fence + w.more
   FROM unnest($1::text[], $2::bigint[], $3::integer[]) AS w (id, due_at, more)
   WHERE r.id = w.id AND r.due_at + 0 = w.due_at`,
)
const BEGIN = sql(
  `UPDATE runs SET status = 'running', node_no = ${PARTED_NO}, leased_at = $1, started_at = $1, start_by = NULL,
     attempts = attempts + 1, fence = fence + 1 WHERE id = $2 AND due_at + 0 = $3`,
)

/** Each run once, however often it is named. */
export function lockParted(
  tx: Transaction,
  runs: readonly { readonly runId: string; readonly dueAt: number }[],
): Promise<RunRow[]> {
  if (runs.length === 0) return Promise.resolve([])
  const once = [...new Map(runs.map((run) => [run.runId, run])).values()]
  return tx.all(
    LOCK,
    once.map(({ runId }) => runId),
    once.map(({ dueAt }) => dueAt),
  )
}

/** Sessions that have to come for a part that is for their agent alone. */
export async function expectedSessions(
  reader: Reader,
  now: number,
  limit: number,
  after: string,
): Promise<string[]> {
  return (await reader.all(EXPECTED, now, limit, after)).map(({ id }) => id)
}

export async function isExpectedSession(reader: Reader, now: number, sessionId: string): Promise<boolean> {
  return (await reader.get(IS_EXPECTED, now, sessionId))?.is === true
}

export class PartClaimer {
  readonly #specs: Specs

  constructor(specs: Specs) {
    this.#specs = specs
  }

  async taker(tx: Transaction, nodeNo: number, sessionId: string): Promise<Taker | null> {
    const row = await tx.get(AGENT_NO, nodeNo)
    return row === undefined ? null : { nodeNo, sessionId, agentNo: row.agentNo }
  }

  /** Parts of runs that have begun. Before anything else of a transaction is locked. */
  async take(
    tx: Transaction,
    taker: Taker,
    pools: readonly number[],
    slots: number,
    choice: Choice,
  ): Promise<Work[]> {
    const wanted = await runsToTake(tx, taker.agentNo, pools, slots)
    if (wanted.length === 0) return []
    const locked = (await lockParted(tx, wanted)).filter(({ status }) => status === 'running')
    const runs = new Map(locked.map((row) => [row.no, row]))
    // Looked at again under the lock.
    const parts = await waitingFor(tx, [...runs.keys()], taker.agentNo, pools)
    const failedBy = await choice.lastFailures(
      tx,
      parts
        .filter(({ agentNo, attempt }) => agentNo === null && attempt > 0)
        .map(({ runNo, dueAt, attempt }) => ({ no: runNo, dueAt, number: attempt })),
    )
    const shared = new Set<number>()
    const chosen = parts
      .filter((part) => part.agentNo !== null || isFor(part, shared, choice, failedBy))
      .slice(0, slots)
    return this.#lease(tx, chosen, runs, taker)
  }

  /** Parts a run that is ready, and leases the first part. null: it is not for this agent to begin. */
  async begin(tx: Transaction, row: RunRow, taker: Taker): Promise<Work | null> {
    const spec = (await this.#specs.of(tx, [row]))(row)
    const spread = spreadOf(spec.target)
    const agents =
      spread === 'all'
        ? await agentsOf(tx, row, poolLabels(spec) ?? {})
        : Array.from({ length: spread ?? 1 }, () => null)
    const mine = agents.findIndex((agent) => agent === null || agent === taker.agentNo)
    if (mine < 0) return null
    await openParts(tx, row, agents, queueUntil(null, tx.now, resolvePolicy(spec.policy).queueTimeoutMs))
    await tx.run(BEGIN, tx.now, row.id, row.dueAt)
    const attempt = row.attempts + 1
    const fence = row.fence + 1
    const part = (await waitingOf(tx, [row.no])).find(({ part: index }) => index === mine)!
    const leased = this.#leased(tx, part, attempt, fence, taker)
    await leaseParts(tx, [leased], taker.nodeNo)
    const times = { leasedAt: tx.now, startedAt: tx.now, startBy: null }
    const begun: RunRow = { ...row, ...times, status: 'running', nodeNo: PARTED_NO, attempts: attempt, fence }
    return toPartWork(begun, leased, await this.#specs.of(tx, [row]))
  }

  async #lease(
    tx: Transaction,
    parts: readonly PartRow[],
    runs: ReadonlyMap<number, RunRow>,
    taker: Taker,
  ): Promise<Work[]> {
    if (parts.length === 0) return []
    const more = new Map<number, number>()
    const leased = parts.map((part) => {
      const run = runs.get(part.runNo)!
      const count = (more.get(run.no) ?? 0) + 1
      more.set(run.no, count)
      return this.#leased(tx, part, run.attempts + count, run.fence + count, taker)
    })
    const counted = [...more].map(([no, count]) => {
      const { id, dueAt } = runs.get(no)!
      return [id, dueAt, count] as const
    })
    await tx.run(COUNT_ON, ...columns(counted, 3))
    await leaseParts(tx, leased, taker.nodeNo)
    const specOf = await this.#specs.of(tx, runs.values())
    return leased.map((part) => toPartWork(runs.get(part.runNo)!, part, specOf))
  }

  #leased(tx: Transaction, part: PartRow, attempt: number, fence: number, taker: Taker): PartRow {
    const { nodeNo, sessionId: nodeId } = taker
    return { ...part, status: 'running', attempt, fence, nodeNo, nodeId, leasedAt: tx.now }
  }
}

/** While others are free each gets one part of a run at a time, so that it is spread over them. */
function isFor(
  { runNo, poolNo, attempt, readyAt }: PartRow,
  shared: Set<number>,
  { othersFree, mayTake }: Choice,
  failedBy: ReadonlyMap<string, string | null>,
): boolean {
  if (shared.has(runNo) && othersFree(poolNo)) return false
  if (!mayTake({ readyAt, failedBy: failedBy.get(`${runNo} ${attempt}`) ?? null }, poolNo)) return false
  shared.add(runNo)
  return true
}

async function agentsOf(
  tx: Transaction,
  { projectId }: RunRow,
  labels: Readonly<Record<string, string>>,
): Promise<number[]> {
  return (await tx.all(THERE, tx.now))
    .filter((agent) => {
      const projectIds = agent.projectIds === null ? null : JSON.parse(agent.projectIds)
      return serves({ labels: JSON.parse(agent.labels), projectIds }, { projectId, labels })
    })
    .map(({ no }) => no)
}
