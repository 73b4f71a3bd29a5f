// The book of the job: every due instant as a run, within a gap, or still to come.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { Job, Ledger } from '../../../../src/sdk/index.ts'
import { type LedgerEntry, ledgerColumns } from '../../export/columns.ts'
import { ExportPick } from '../../export/export-pick.tsx'
import { Answer, Empty } from '../../parts/answer.tsx'
import { Panel } from '../../parts/panel.tsx'
import { REASON_WORDS, Status } from '../../parts/status.tsx'
import { carillon } from '../../state/client.ts'
import { useAddress } from '../../state/use-address.ts'
import { dayRange } from '../../time/day-range.ts'
import { countText } from '../../time/format.ts'
import { TimeText } from '../../time/time-text.tsx'
import { zoneFor, zoneMode } from '../../time/zone-mode.ts'
import { Took } from '../run-table.tsx'
import { Why } from './why.tsx'

const LIMIT = 300

export function JobLedger({ job }: { readonly job: Job }) {
  const address = useAddress()
  const asked = address.get('day')
  const zone = zoneFor(zoneMode.value === 'relative' ? 'job' : zoneMode.value, job.schedule.timezone)
  const range = asked === null ? null : dayRange(asked, zone)
  const day = range === null ? null : asked
  const [why, setWhy] = useState<string | null>(null)
  const ledger = useQuery({
    queryKey: ['job', job.id, 'ledger', day, day === null ? null : zone],
    queryFn: () => carillon.jobs.ledger(job.id, { ...range, limit: LIMIT }),
    placeholderData: keepPreviousData,
  })
  return (
    <Panel
      title={day === null ? 'The last day and the next' : `${day}, ${zone}`}
      flush
      aside={
        <span class="row">
          <input
            class="date"
            type="date"
            aria-label="Day"
            value={day ?? ''}
            onChange={(event) => address.set({ day: event.currentTarget.value })}
          />
          <Link class="button small" href={`/runs?job=${job.id}`}>
            As runs
          </Link>
        </span>
      }
    >
      <Answer of={ledger}>{(data) => <Book job={job} ledger={data} onWhy={setWhy} />}</Answer>
      {why !== null && <Why job={job} at={why} onClose={() => setWhy(null)} />}
    </Panel>
  )
}

function Book({
  job,
  ledger,
  onWhy,
}: {
  readonly job: Job
  readonly ledger: Ledger
  readonly onWhy: (at: string) => void
}) {
  const entries: LedgerEntry[] = [
    ...ledger.upcoming.map((at) => ({ at })),
    ...ledger.runs.map((run) => ({ at: run.dueAt, run })),
    ...ledger.gaps.map((gap) => ({ at: gap.to, gap })),
  ].sort((a, b) => (a.at < b.at ? 1 : -1))
  const zone = job.schedule.timezone
  if (entries.length === 0) {
    return (
      <Empty>
        <p>Nothing was due, and nothing will be, in this stretch.</p>
      </Empty>
    )
  }
  return (
    <>
      <div class="table-wrap">
        <table class="list cards">
          <thead>
            <tr>
              <th>Due</th>
              <th>Entry</th>
              <th>Took</th>
              <th>How it went</th>
              <th>
                <span class="hidden-text">Ask</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <Row key={entry.run?.id ?? entry.gap?.id ?? entry.at} entry={entry} zone={zone} onWhy={onWhy} />
            ))}
          </tbody>
        </table>
      </div>
      <footer>
        <ExportPick name={`ledger-${job.name}`} rows={entries} columns={ledgerColumns(zone)} />
      </footer>
      {ledger.truncated && (
        <p class="body soft">
          There is more in this stretch than fits here: choose a day, or look at the runs.
        </p>
      )}
    </>
  )
}

function Row({
  entry,
  zone,
  onWhy,
}: {
  readonly entry: LedgerEntry
  readonly zone: string | undefined
  readonly onWhy: (at: string) => void
}) {
  const { at, run, gap } = entry
  return (
    <tr data-row class={run === undefined && gap === undefined ? 'to-come' : undefined}>
      <td>
        {gap === undefined ? (
          <TimeText at={at} zone={zone} />
        ) : (
          <>
            <TimeText at={gap.from} zone={zone} /> <span class="soft">to</span>{' '}
            <TimeText at={gap.to} zone={zone} />
          </>
        )}
      </td>
      <td>
        {run !== undefined && (
          <Link class="strong" href={`/runs/${run.id}`}>
            <Status of={run.status} reason={run.reason} />
          </Link>
        )}
        {gap !== undefined && (
          <span class="row">
            <Status of={gap.status} />
            <span class="chip">{countText(gap.count)} instants</span>
          </span>
        )}
        {run === undefined && gap === undefined && <span class="soft">to come</span>}
      </td>
      <td class="number">{run === undefined ? <span class="soft">–</span> : <Took run={run} />}</td>
      <td class="soft message">{run?.message ?? (gap === undefined ? '' : REASON_WORDS[gap.reason])}</td>
      <td class="actions">
        <button
          type="button"
          class="button plain small"
          onClick={() => onWhy(gap?.from ?? at)}
          aria-label={`Why, at ${at}?`}
        >
          Why?
        </button>
      </td>
    </tr>
  )
}
