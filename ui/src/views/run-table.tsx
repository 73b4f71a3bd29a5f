// Runs as rows.

import { Link } from 'wouter-preact'
import type { Run } from '../../../src/sdk/index.ts'
import { ListTable } from '../parts/list-table.tsx'
import { Status } from '../parts/status.tsx'
import { now } from '../time/clock.ts'
import { durationText } from '../time/format.ts'
import { TimeText } from '../time/time-text.tsx'

type Props = { readonly runs: readonly Run[]; readonly withJob?: boolean; readonly zone?: string | undefined }

export function RunTable({ runs, withJob, zone }: Props) {
  return (
    <ListTable
      head={['Status', withJob === true && 'Job', 'Due', 'Started', 'Took', 'Attempts', 'How it went']}
    >
      {runs.map((run) => (
        <tr key={run.id} data-row>
          <td>
            <Link class="strong" href={`/runs/${run.id}`} aria-label={`Run, ${run.status}`}>
              <Status of={run.status} reason={run.reason} />
            </Link>
          </td>
          {withJob === true && (
            <td class="name">
              <Link href={`/jobs/${run.jobId}`}>{run.job}</Link>
            </td>
          )}
          <td data-title="due">
            <TimeText at={run.dueAt} zone={zone} />
            {run.trigger !== 'schedule' && <span class="chip">{run.trigger}</span>}
          </td>
          <td data-title="started">
            <TimeText at={run.startedAt} zone={zone} />
          </td>
          <td class="number" data-title="took">
            <Took run={run} />
          </td>
          <td class="number" data-title="attempts">
            {run.attemptCount}
          </td>
          <td class="soft message">{run.message ?? '–'}</td>
        </tr>
      ))}
    </ListTable>
  )
}

export function Took({ run }: { readonly run: Run }) {
  if (run.startedAt === null) return <span class="soft">–</span>
  const until = run.finishedAt === null ? now.value : Date.parse(run.finishedAt)
  return <>{durationText(Math.max(0, until - Date.parse(run.startedAt)))}</>
}
