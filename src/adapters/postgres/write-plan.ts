// Writes what plans owe: what they replace ends first, then their runs and gaps. The jobs' own rows are the caller's,
// who holds their locks.

import type { Plan, PlannedRun } from '../../domain/planned.ts'
import { turnedAway } from '../../domain/quotas.ts'
import type { FinalRun, Run } from '../../domain/run.ts'
import type { Work } from '../../ports/store.ts'
import type { Transaction } from './database.ts'
import { underWay as attemptOf, type Ended, type Finisher } from './finish.ts'
import type { Gaps } from './gaps.ts'
import { endParts, openPartsOf, PARTED_NO } from './part-book.ts'
import { type RunRow, withNames } from './run-rows.ts'
import { withTurns } from './run-turns.ts'
import { sql } from './sql.ts'
import type { Leaser, Owner, RunWriter } from './write-run.ts'

/** What one transaction has written so far. */
export type Ledgered = {
  readonly runs: Run[]
  readonly leased: Work[]
  /** Ended by overlap `replace`. */
  readonly replaced: FinalRun[]
  /** Jobs (by number) whose queue may have to move up. */
  readonly touched: number[]
}

export function emptyLedgered(): Ledgered {
  return { runs: [], leased: [], replaced: [], touched: [] }
}

export type OwedPlan = { readonly owner: Owner; readonly plan: Plan }

/** `replaceOpen`: what is open of the job ends, unless one of the runs was given no turn. */
export type OwedRuns = {
  readonly owner: Owner
  readonly plan: { readonly runs: readonly PlannedRun[]; readonly replaceOpen: boolean }
}

const REPLACED = 'replaced by a newer run'

const OPEN = `SELECT * FROM runs WHERE job_no = ANY($1::bigint[]) AND finished_at IS NULL ORDER BY due_at, no FOR UPDATE`
const LOCK_OPEN = sql<RunRow>(`${withNames(OPEN)} ORDER BY r.no`)
const LOCK_FREE_OPEN = sql<RunRow>(`${withNames(`${OPEN} SKIP LOCKED`)} ORDER BY r.no`)

/** A plan that touches what is open, or queues behind it, needs it to stay as it is until the transaction ends. */
export function needsOpen({ replaceOpen, runs }: Plan): boolean {
  return replaceOpen || runs.some(({ state }) => state.status === 'pending' && state.readyAt === null)
}

export class PlanWriter {
  readonly #runs: RunWriter
  readonly #gaps: Gaps
  readonly #finisher: Finisher

  constructor(runs: RunWriter, gaps: Gaps, finisher: Finisher) {
    this.#runs = runs
    this.#gaps = gaps
    this.#finisher = finisher
  }

  /** Open runs of jobs, oldest first, locked; those that someone else is just ending are waited for. */
  lockOpen(tx: Transaction, jobNos: readonly number[]): Promise<RunRow[]> {
    return tx.all(LOCK_OPEN, jobNos)
  }

  /** The same without waiting: those that someone else holds are left out. */
  lockFreeOpen(tx: Transaction, jobNos: readonly number[]): Promise<RunRow[]> {
    return tx.all(LOCK_FREE_OPEN, jobNos)
  }

  /** `open`: locked open runs of those jobs whose plan replaces them. */
  async write(
    tx: Transaction,
    owed: readonly OwedPlan[],
    open: readonly RunRow[],
    leaser: Leaser | null,
    into: Ledgered,
  ): Promise<void> {
    await this.writeRuns(tx, owed, open, leaser, into)
    for (const { owner, plan } of owed) for (const gap of plan.gaps) await this.#gaps.write(tx, owner, gap)
  }

  /** `open`: as for `write`. */
  async writeRuns(
    tx: Transaction,
    jobs: readonly OwedRuns[],
    open: readonly RunRow[],
    leaser: Leaser | null,
    into: Ledgered,
  ): Promise<void> {
    const asking = jobs.flatMap(({ owner, plan }) =>
      plan.runs.map((planned) => ({ owner, planned, replaces: plan.replaceOpen })),
    )
    const owed = await withTurns(tx, asking)
    const given = Map.groupBy(owed, ({ owner }) => owner.no)
    const replacing = new Set(
      jobs
        .filter(({ owner, plan }) => {
          const runs = (given.get(owner.no) ?? []).map(({ planned }) => planned)
          return plan.replaceOpen && !turnedAway(plan.runs, runs)
        })
        .map(({ owner }) => owner.no),
    )
    const replaced = open.filter(({ jobNo }) => replacing.has(jobNo))
    if (replaced.length > 0) await this.#replace(tx, replaced, into)
    const written = await this.#runs.write(tx, owed, leaser)
    written.forEach((one, position) => {
      if (one === null) return
      into.runs.push(one.run)
      if (one.work !== null) into.leased.push(one.work)
      const { owner, planned } = owed[position]!
      if (planned.state.status === 'pending' && planned.state.readyAt === null) into.touched.push(owner.no)
    })
  }

  async #replace(tx: Transaction, open: readonly RunRow[], into: Ledgered): Promise<void> {
    const underWay = open.filter(({ status }) => status !== 'pending')
    const outcome = { kind: 'cancelled', message: REPLACED } as const
    const parted = underWay.filter(({ nodeNo }) => nodeNo === PARTED_NO).map(({ no }) => no)
    const parts = await openPartsOf(tx, parted)
    const held = [
      ...underWay.filter(({ nodeNo }) => nodeNo !== PARTED_NO),
      ...parts.filter(({ nodeNo }) => nodeNo !== null).map(attemptOf),
    ]
    await this.#finisher.closeAttempts(
      tx,
      held.map((run) => ({ run, outcome, endedAt: tx.now })),
    )
    await endParts(
      tx,
      parts.map((part) => ({ part, status: 'cancelled', message: REPLACED })),
    )
    into.replaced.push(...(await this.#finisher.finishRows(tx, open.map(replaced))))
  }
}

function replaced(run: RunRow): Ended<RunRow> {
  const message = REPLACED
  if (run.status !== 'pending') return { run, status: 'cancelled', reason: null, message, cutOff: true }
  // One that waits for a further attempt has rung before: it was not skipped.
  if (run.attempts > 0) return { run, status: 'cancelled', reason: null, message }
  return { run, status: 'skipped', reason: 'superseded', message }
}
