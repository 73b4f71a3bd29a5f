// All entries of the ledger, newest first, found by what stands in the address.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { Link } from 'wouter-preact'
import type { Reason, RunQuery, RunStatus } from '../../../src/sdk/index.ts'
import { runColumns } from '../export/columns.ts'
import { BetweenChip } from '../parts/between-chip.tsx'
import { FilterChip } from '../parts/filter-chip.tsx'
import { ListPanel } from '../parts/list-panel.tsx'
import { REASON_WORDS, Status, TONES } from '../parts/status.tsx'
import { carillon } from '../state/client.ts'
import { given } from '../state/given.ts'
import { type Address, useAddress } from '../state/use-address.ts'
import { useTitle } from '../state/use-title.ts'
import { may } from '../state/visit.ts'
import { RunTable } from './run-table.tsx'

const PAGE = 50
const STATUSES: readonly RunStatus[] = [
  'pending',
  'running',
  'succeeded',
  'failed',
  'missed',
  'skipped',
  'cancelled',
  'unknown',
]

export function RunsView() {
  const address = useAddress()
  const query = queryOf(address)
  const cursor = address.get('cursor')
  useTitle('Runs')
  const runs = useQuery({
    queryKey: ['runs', 'list', query, cursor],
    queryFn: () => carillon.runs.list({ ...query, limit: PAGE, ...given({ cursor }) }),
    placeholderData: keepPreviousData,
  })
  const jobId = address.get('job')
  const job = useQuery({
    queryKey: ['job', jobId, 'job'],
    queryFn: () => carillon.jobs.get(jobId ?? ''),
    enabled: jobId !== null && may('jobs:read'),
  })
  const chosen = new Set(query.status ?? [])
  const toggle = (status: RunStatus): void => {
    const next = new Set(chosen)
    if (!next.delete(status)) next.add(status)
    address.set({ status: [...next].join(','), cursor: null })
  }
  return (
    <div class="stack">
      <h1>Runs</h1>
      <div class="row">
        {STATUSES.map((status) => (
          <button
            key={status}
            type="button"
            class="filter"
            data-tone={TONES[status]}
            aria-pressed={chosen.has(status)}
            onClick={() => toggle(status)}
          >
            <Status of={status} />
          </button>
        ))}
        <span class="pick">
          <select
            aria-label="Reason"
            value={address.get('reason') ?? ''}
            onChange={(event) => address.set({ reason: event.currentTarget.value, cursor: null })}
          >
            <option value="">any reason</option>
            {Object.entries(REASON_WORDS).map(([reason, words]) => (
              <option key={reason} value={reason}>
                {words}
              </option>
            ))}
          </select>
        </span>
        <FilterChip address={address} name="project" words="of every project" />
        <FilterChip address={address} name="job" words="of every job" shown={job.data?.name} />
        <BetweenChip address={address} words="Due at any time" />
      </div>
      <ListPanel
        of={runs}
        address={address}
        name="runs"
        columns={runColumns(job.data?.schedule.timezone)}
        none={({ nextCursor }) => (
          <>
            <p>
              {nextCursor === null ? 'No run is like that.' : 'None so far: there is more to look through.'}
            </p>
            <Link href="/runs">All runs</Link>
          </>
        )}
      >
        {(items) => <RunTable runs={items} withJob />}
      </ListPanel>
    </div>
  )
}

function queryOf(address: Address): RunQuery & { status?: readonly RunStatus[] } {
  const all = [...STATUSES, 'cancelling'] as readonly RunStatus[]
  const status = (address.get('status') ?? '')
    .split(',')
    .filter((one): one is RunStatus => (all as readonly string[]).includes(one))
  const [reason, from, to] = [address.get('reason'), address.get('from'), address.get('to')]
  const [job, project] = [address.get('job'), address.get('project')]
  return {
    ...given({ job, project }),
    ...(status.length === 0 ? {} : { status }),
    ...(reason === null ? {} : { reason: reason as Reason }),
    ...given({ from, to }),
  }
}
