// Projects with a quota of runs a minute: each new run is given its turn in the transaction that writes it, before anything is
// replaced for it. Who gives turns holds the project's row of use until then, so that two nodes never give the same one.

import { type Asking, inTurn, latestTurn, nextTurn, type QuotaUse } from '../../domain/quotas.ts'
import type { Transaction } from './database.ts'
import { columns, sql } from './sql.ts'

const QUOTAS = sql<{ no: number; perMinute: number | null; isLimited: boolean }>(
  `SELECT no, (quotas::json ->> 'runsPerMinute')::bigint AS "perMinute",
     quotas::json ->> 'concurrency' IS NOT NULL AS "isLimited"
   FROM projects WHERE no = ANY($1::bigint[]) AND quotas <> '{}' ORDER BY no`,
)
/** Makes the row where there is none, and locks it either way. */
const USE = sql<QuotaUse>(
  `INSERT INTO quota_use (project_no, what, since, used) VALUES ($1, 'runs', 0, 0)
   ON CONFLICT (project_no, what) DO UPDATE SET used = quota_use.used RETURNING since, used`,
)
const KEEP = sql(
  `UPDATE quota_use q SET since = k.since, used = k.used
   FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS k (project_no, since, used)
   WHERE q.project_no = k.project_no AND q.what = 'runs'`,
)

type Owed = {
  readonly owner: { readonly projectNo: number; readonly spec: Asking['spec'] }
  readonly planned: Asking['planned']
  readonly replaces: boolean
}

/** With the turns they are given; `isLimited`: only so many runs of their project may be under way. */
export async function withTurns<One extends Owed>(
  tx: Transaction,
  owed: readonly One[],
): Promise<readonly (One & { readonly isLimited: boolean })[]> {
  const pending = owed.filter(({ planned }) => planned.state.status === 'pending')
  const projects = [...new Set(pending.map(({ owner }) => owner.projectNo))]
  const quotas = projects.length === 0 ? [] : await tx.all(QUOTAS, projects)
  const limited = new Set(quotas.filter(({ isLimited }) => isLimited).map(({ no }) => no))
  const uses = new Map<number, { max: number; use: QuotaUse }>()
  for (const { no, perMinute: max } of quotas)
    if (max !== null) uses.set(no, { max, use: (await tx.get(USE, no))! })
  const given = owed.map((one) => {
    const isLimited = limited.has(one.owner.projectNo)
    const mine = uses.get(one.owner.projectNo)
    if (mine === undefined || one.planned.state.status !== 'pending') return { ...one, isLimited }
    const { planned, replaces } = one
    const { spec } = one.owner
    const turn = nextTurn(mine.use, mine.max, tx.now, latestTurn({ planned, spec, replaces }, tx.now))
    if (turn !== null) mine.use = turn.use
    return { ...one, isLimited, planned: inTurn(planned, spec, turn?.at ?? null) }
  })
  if (uses.size > 0) {
    await tx.run(
      KEEP,
      ...columns(
        [...uses].map(([no, { use }]) => [no, use.since, use.used] as const),
        3,
      ),
    )
  }
  return given
}
