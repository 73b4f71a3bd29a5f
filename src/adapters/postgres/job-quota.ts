// Jobs of a project that has a quota of them. Whoever adds some holds the project's row meanwhile, so that nobody counts
// while another adds.

import type { Job } from '../../domain/job.ts'
import type { JobsQuota } from '../../ports/store.ts'
import type { Transaction } from './database.ts'
import { sql } from './sql.ts'

type Limited = { readonly no: number; readonly id: string; readonly max: number }

// An order for all, so that two who add to several projects do not wait for each other.
const LOCK = sql<Limited>(
  `SELECT no, id, (quotas::json ->> 'jobs')::bigint AS max FROM projects
   WHERE id = ANY($1::text[]) AND quotas::json ->> 'jobs' IS NOT NULL ORDER BY no FOR NO KEY UPDATE`,
)
const COUNT = sql<{ count: number }>(
  'SELECT count(*) AS count FROM jobs WHERE project_no = $1 AND deleted_at IS NULL',
)

export function lockLimited(tx: Transaction, jobs: readonly Job[]): Promise<readonly Limited[]> {
  return tx.all(LOCK, [...new Set(jobs.map(({ projectId }) => projectId))])
}

/** After they are written: the first project that has more than it may. */
export async function exceeded(tx: Transaction, limited: readonly Limited[]): Promise<JobsQuota | null> {
  for (const { no, id, max } of limited) {
    if ((await tx.get(COUNT, no))!.count > max) return { kind: 'jobs_quota', projectId: id, max }
  }
  return null
}
