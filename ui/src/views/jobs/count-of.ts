// What a bulk action over a filter is about, and how many jobs that are, without doing anything to them.

import type { BulkRequest, JobQuery } from '../../../../src/sdk/index.ts'
import { carillon } from '../../state/client.ts'
import { given } from '../../state/given.ts'
import { may } from '../../state/visit.ts'

export type BulkFilter = NonNullable<BulkRequest['filter']>

export function filterOf({ project, status, q, labels, dueFrom, dueTo }: JobQuery): BulkFilter {
  return {
    ...given({ project, status, q, labels }),
    ...(dueFrom === undefined ? {} : { dueFrom: String(dueFrom) }),
    ...(dueTo === undefined ? {} : { dueTo: String(dueTo) }),
  }
}

/** Whoever may only run jobs may count what is to be run. */
export async function countOf(filter: BulkFilter, signal: AbortSignal): Promise<number | null> {
  const action = may('jobs:write') ? 'pause' : 'trigger'
  for await (const { total } of carillon.jobs.bulk({ action, filter, dryRun: true }, { signal }))
    return total ?? null
  return null
}
