// Projects with a quota of runs a minute: each new run is given its turn in the transaction that writes it, before anything is
// replaced for it.

import type { PlannedRun } from '../../domain/planned.ts'
import { type Asking, inTurn, latestTurn, nextTurn, type QuotaUse } from '../../domain/quotas.ts'
import type { Command, Database, Query } from './database.ts'
import type { ProjectQuotas } from './project-quotas.ts'

export class RunTurns {
  readonly #quotas: ProjectQuotas
  readonly #use: Query<QuotaUse>
  readonly #keep: Command

  constructor(db: Database, quotas: ProjectQuotas) {
    this.#quotas = quotas
    this.#use = db.query("SELECT since, used FROM quota_use WHERE project_no = ? AND what = 'runs'")
    this.#keep = db.command(
      `INSERT INTO quota_use (project_no, what, since, used) VALUES (?, 'runs', ?, ?)
       ON CONFLICT (project_no, what) DO UPDATE SET since = excluded.since, used = excluded.used`,
    )
  }

  give(projectNo: number, asking: Asking, now: number): PlannedRun {
    const { planned, spec } = asking
    if (planned.state.status !== 'pending') return planned
    const max = this.#quotas.of(projectNo).runsPerMinute ?? null
    if (max === null) return planned
    const turn = nextTurn(this.#use.get(projectNo) ?? null, max, now, latestTurn(asking, now))
    if (turn !== null) this.#keep.run(projectNo, turn.use.since, turn.use.used)
    return inTurn(planned, spec, turn?.at ?? null)
  }
}
