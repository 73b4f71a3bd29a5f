// The last runs of each of some jobs, in one question.

import type { Run } from '../../domain/run.ts'
import type { Reader } from './database.ts'
import { RUN_COLUMNS, RUNS_WITH_NAMES, type RunRow, toRun } from './run-rows.ts'
import { sql } from './sql.ts'

const RECENT = sql<RunRow>(
  `SELECT r.* FROM unnest($1::text[]) AS wanted (id) JOIN jobs w ON w.id = wanted.id CROSS JOIN LATERAL (
     SELECT ${RUN_COLUMNS} ${RUNS_WITH_NAMES} WHERE r.job_no = w.no ORDER BY r.due_at DESC, r.no DESC LIMIT $2) r`,
)

export async function recentRuns(reader: Reader, jobIds: readonly string[], limit: number): Promise<Run[][]> {
  const byJob = new Map<string, Run[]>()
  for (const row of await reader.all(RECENT, [...new Set(jobIds)], limit)) {
    const runs = byJob.get(row.jobId) ?? []
    byJob.set(row.jobId, runs)
    runs.push(toRun(row))
  }
  return jobIds.map((id) => (byJob.get(id) ?? []).sort((a, b) => b.dueAt - a.dueAt || (a.id < b.id ? 1 : -1)))
}
