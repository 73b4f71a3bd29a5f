// How many jobs a filter finds, without doing anything to them.

import type { JobQuery } from '../../../../src/sdk/index.ts'
import { carillon } from '../../state/client.ts'

export async function countOf({ project, status, q, labels }: JobQuery): Promise<number | null> {
  const filter = {
    ...(project === undefined ? {} : { project }),
    ...(status === undefined ? {} : { status }),
    ...(q === undefined ? {} : { q }),
    ...(labels === undefined ? {} : { labels }),
  }
  for await (const { total } of carillon.jobs.bulk({ action: 'pause', filter, dryRun: true }))
    return total ?? null
  return null
}
