// The ledger of one job.

import { readLedger } from '../../../commands/read-ledger.ts'
import { Ledger } from '../../../protocol/ledger.ts'
import { PAGE_LIMIT_MAX } from '../../../protocol/pages.ts'
import { endpoint } from '../../http/endpoint.ts'
import { instant, integer } from '../../http/query.ts'
import { JOB_PARAMS, jobRef, PROJECT_PARAMETER } from './job-ref.ts'
import { iso, presentGap, presentRun } from './present.ts'
import { refuseEmptyRange } from './runs.ts'

export const readLedgerEndpoint = endpoint({
  method: 'GET',
  path: '/v1/jobs/{job}/ledger',
  params: JOB_PARAMS,
  operationId: 'readLedger',
  tag: 'Ledger',
  summary: 'Read the ledger of a job',
  description: 'Every due instant of the range: as a run, within a gap, or still to come.',
  action: 'ledger.read',
  query: {
    ...PROJECT_PARAMETER,
    from: instant('Start of the range, inclusive. Default: 24 hours ago.'),
    to: instant('End of the range, exclusive. Default: in 24 hours.'),
    limit: integer('Entries of each kind.', 1, PAGE_LIMIT_MAX, PAGE_LIMIT_MAX),
  },
  replies: { 200: { description: 'All entries of the range.', schema: Ledger } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params, query }) => {
    refuseEmptyRange(query.from, query.to)
    const range = { from: query.from ?? null, to: query.to ?? null, limit: query.limit ?? PAGE_LIMIT_MAX }
    const { from, to, runs, gaps, upcoming, truncated } = await readLedger(
      ctx,
      who,
      jobRef(params, query),
      range,
    )
    const body: Ledger = {
      from: iso(from),
      to: iso(to),
      runs: runs.map(presentRun),
      gaps: gaps.map(presentGap),
      upcoming: upcoming.map(iso),
      truncated,
    }
    return { status: 200, body }
  },
})
