// What a bulk action over a filter is about, and how many jobs that are, without doing anything to them.

import type { BulkRequest, JobQuery } from '../../../../src/sdk/index.ts'
import { carillon } from '../../state/client.ts'
import { given } from '../../state/given.ts'

export type BulkFilter = NonNullable<BulkRequest['filter']>

export function filterOf({ project, status, q, labels, dueFrom, dueTo }: JobQuery): BulkFilter {
  return {
    ...given({ project, status, q, labels }),
    ...(dueFrom === undefined ? {} : { dueFrom: String(dueFrom) }),
    ...(dueTo === undefined ? {} : { dueTo: String(dueTo) }),
  }
}

export async function countOf(filter: BulkFilter, signal: AbortSignal): Promise<number | null> {
  for await (const { total } of carillon.jobs.bulk({ action: 'pause', filter, dryRun: true }, { signal }))
    return total ?? null
  return null
}
