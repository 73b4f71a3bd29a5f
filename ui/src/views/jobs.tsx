// All jobs: page by page from the server, found by what stands in the address.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useEffect, useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { Job, JobQuery, Run } from '../../../src/sdk/index.ts'
import { JOB_COLUMNS } from '../export/columns.ts'
import { ExportPick } from '../export/export-pick.tsx'
import { Answer, Empty } from '../parts/answer.tsx'
import { FilterChip } from '../parts/filter-chip.tsx'
import { Glyph } from '../parts/glyph.tsx'
import { Pager } from '../parts/pager.tsx'
import { Panel } from '../parts/panel.tsx'
import { RunStrip } from '../parts/run-strip.tsx'
import { ScheduleText } from '../parts/schedule-text.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { Status } from '../parts/status.tsx'
import { carillon } from '../state/client.ts'
import { given } from '../state/given.ts'
import { type Address, useAddress } from '../state/use-address.ts'
import { may } from '../state/visit.ts'
import { Countdown, TimeText } from '../time/time-text.tsx'
import { FirstVisit } from './first-visit.tsx'
import { BulkBar } from './jobs/bulk-bar.tsx'

const PAGE = 50
const STRIP = 16
const STATUSES = ['active', 'paused', 'finished'] as const

export function JobsView() {
  const address = useAddress()
  const query = queryOf(address)
  const cursor = address.get('cursor')
  const jobs = useQuery({
    queryKey: ['jobs', 'list', query, cursor],
    queryFn: () => carillon.jobs.list({ ...query, limit: PAGE, ...given({ cursor }) }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  })
  const ids = jobs.data?.items.map(({ id }) => id) ?? []
  const recent = useQuery({
    queryKey: ['recent', ids],
    queryFn: () => carillon.runs.recent(ids, STRIP),
    enabled: ids.length > 0 && may('runs:read'),
    placeholderData: keepPreviousData,
  })
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => setSelected(new Set()), [JSON.stringify(query)])
  const runsOf = new Map(recent.data?.items.map(({ jobId, runs }) => [jobId, runs]))
  const filtered = Object.keys(query).length > 0
  return (
    <div class="stack">
      <div class="page-head">
        <h1>Jobs</h1>
        {may('jobs:write') && (
          <Link class="button primary" href="/jobs/new">
            <Glyph name="plus" />
            New job
          </Link>
        )}
      </div>
      <Filters address={address} />
      {selected.size > 0 && (
        <BulkBar selected={selected} query={query} onClear={() => setSelected(new Set())} />
      )}
      <Answer of={jobs}>
        {({ items, nextCursor }) =>
          items.length === 0 && !filtered && cursor === null ? (
            <FirstVisit />
          ) : (
            <Panel
              flush
              footer={
                <Pager address={address} next={nextCursor} shown={items.length}>
                  <ExportPick name="jobs" rows={items} columns={JOB_COLUMNS} />
                </Pager>
              }
            >
              {items.length === 0 ? (
                <Empty>
                  <p>
                    {nextCursor === null
                      ? 'No job is like that.'
                      : 'None so far: there is more to look through.'}
                  </p>
                </Empty>
              ) : (
                <Table jobs={items} runsOf={runsOf} selected={selected} onSelect={setSelected} />
              )}
            </Panel>
          )
        }
      </Answer>
    </div>
  )
}

function Filters({ address }: { readonly address: Address }) {
  const dueFrom = address.get('dueFrom')
  const dueTo = address.get('dueTo')
  return (
    <div class="row">
      <SearchField
        label="Name or description"
        value={address.get('q') ?? ''}
        onSearch={(q) => address.set({ q, cursor: null }, { replace: true })}
      />
      <span class="pick">
        <select
          aria-label="Status"
          value={address.get('status') ?? ''}
          onChange={(event) => address.set({ status: event.currentTarget.value, cursor: null })}
        >
          <option value="">any status</option>
          {STATUSES.map((status) => (
            <option key={status}>{status}</option>
          ))}
        </select>
      </span>
      <input
        class="label-filter"
        aria-label="Labels"
        placeholder="label: team=billing"
        value={address.get('label') ?? ''}
        onChange={(event) => address.set({ label: event.currentTarget.value.trim(), cursor: null })}
      />
      <FilterChip address={address} name="project" words="of every project" />
      {dueFrom !== null && dueTo !== null && (
        <span class="chip">
          due <TimeText at={dueFrom} /> to <TimeText at={dueTo} />
          <button
            type="button"
            aria-label="Due at any time"
            onClick={() => address.set({ dueFrom: null, dueTo: null, cursor: null })}
          >
            ✕
          </button>
        </span>
      )}
    </div>
  )
}

export function queryOf(address: Address): JobQuery {
  const status = STATUSES.find((one) => one === address.get('status'))
  const q = address.get('q')
  const label = address.get('label')
  const project = address.get('project')
  const [dueFrom, dueTo] = [address.get('dueFrom'), address.get('dueTo')]
  const pairs = (label ?? '').split(',').filter((pair) => pair.includes('='))
  return {
    ...given({ status, q, project, dueFrom, dueTo }),
    ...(pairs.length === 0
      ? {}
      : {
          labels: Object.fromEntries(
            pairs.map((pair) => [pair.split('=', 1)[0]!.trim(), pair.slice(pair.indexOf('=') + 1).trim()]),
          ),
        }),
  }
}

type TableProps = {
  readonly jobs: readonly Job[]
  readonly runsOf: ReadonlyMap<string, readonly Run[]>
  readonly selected: ReadonlySet<string>
  readonly onSelect: (ids: ReadonlySet<string>) => void
}

function Table({ jobs, runsOf, selected, onSelect }: TableProps) {
  const all = jobs.every(({ id }) => selected.has(id))
  const toggle = (id: string): void => {
    const next = new Set(selected)
    if (!next.delete(id)) next.add(id)
    onSelect(next)
  }
  return (
    <div class="table-wrap">
      <table class="list cards">
        <thead>
          <tr>
            <th>
              <input
                type="checkbox"
                aria-label="Select all of this page"
                checked={all}
                onChange={() => onSelect(all ? new Set() : new Set(jobs.map(({ id }) => id)))}
              />
            </th>
            <th>Job</th>
            <th>Status</th>
            <th>Schedule</th>
            <th>Next</th>
            <th>Last runs</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id} data-row>
              <td class="pick-cell">
                <input
                  type="checkbox"
                  aria-label={`Select ${job.name}`}
                  checked={selected.has(job.id)}
                  onChange={() => toggle(job.id)}
                />
              </td>
              <td class="name">
                <div class="ellipsis">
                  <Link class="strong" href={`/jobs/${job.id}`}>
                    {job.name}
                  </Link>
                </div>
                {job.description !== null && <div class="soft small ellipsis">{job.description}</div>}
              </td>
              <td>
                <Status of={job.status} />
              </td>
              <td>
                <ScheduleText of={job.schedule} />
              </td>
              <td>
                <Next job={job} />
              </td>
              <td>
                <RunStrip runs={runsOf.get(job.id) ?? []} zone={job.schedule.timezone} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Next({ job }: { readonly job: Job }) {
  if (job.status === 'paused') {
    return job.pause?.until == null ? (
      <span class="soft">until resumed</span>
    ) : (
      <span class="soft">
        resumes <TimeText at={job.pause.until} zone={job.schedule.timezone} />
      </span>
    )
  }
  if (job.nextDueAt === null) return <span class="soft">–</span>
  return (
    <>
      <TimeText at={job.nextDueAt} zone={job.schedule.timezone} />
      <div class="soft small">
        <Countdown at={job.nextDueAt} />
      </div>
    </>
  )
}
