// One run: its attempts, what was asked and answered, and what one can do about it.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useEffect, useState } from 'preact/hooks'
import { Link, useLocation } from 'wouter-preact'
import { isFinalStatus, type RunDetail } from '../../../src/sdk/index.ts'
import { deeds } from '../keys/state.ts'
import { Answer } from '../parts/answer.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { Panel } from '../parts/panel.tsx'
import { REASON_WORDS, Status } from '../parts/status.tsx'
import { say, sayWrong } from '../parts/toasts.tsx'
import { carillon } from '../state/client.ts'
import { queries } from '../state/queries.ts'
import { may } from '../state/visit.ts'
import { durationText } from '../time/format.ts'
import { TimeText } from '../time/time-text.tsx'
import { Why } from './job/why.tsx'
import { cliCommand, curlCommand } from './run/as-command.ts'
import { Attempts } from './run/attempts.tsx'
import { RunLog } from './run/log.tsx'
import { OUTSIDE_PACE_MS, Outside } from './run/outside.tsx'
import { Parts } from './run/parts.tsx'
import { Took } from './run-table.tsx'

export function RunView({ id }: { readonly id: string }) {
  const run = useQuery({
    queryKey: ['run', id],
    queryFn: () => carillon.runs.get(id),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (tellsOfItself(state.data) ? OUTSIDE_PACE_MS : false),
  })
  return <Answer of={run}>{(data) => <Known run={data} />}</Answer>
}

/** Someone outside or on an agent may say how it goes, which is no event. */
function tellsOfItself(run: RunDetail | undefined): boolean {
  return (
    run?.outside != null ||
    run?.attempts.some(({ agent, endedAt }) => agent !== null && endedAt === null) === true
  )
}

function Known({ run }: { readonly run: RunDetail }) {
  const [, go] = useLocation()
  const [why, setWhy] = useState(false)
  // A deleted job is gone, its runs stay.
  const job = useQuery({
    queryKey: ['job', run.jobId, 'job'],
    queryFn: () => carillon.jobs.get(run.jobId),
    enabled: may('jobs:read'),
  })
  const older = useQuery({
    queryKey: ['job', run.jobId, 'versions'],
    queryFn: () => carillon.jobs.versions(run.jobId),
    enabled: job.data !== undefined && job.data.version !== run.jobVersion,
  })
  /** What it ran under; null: retention, or a deletion, has taken it. */
  const definition =
    job.data?.version === run.jobVersion
      ? job.data
      : (older.data?.find(({ version }) => version === run.jobVersion) ?? null)
  const zone = (definition ?? job.data)?.schedule.timezone
  const final = isFinalStatus(run.status)
  const cancel = async (): Promise<void> => {
    try {
      const now = await carillon.runs.cancel(run.id)
      say(`The run is ${now.status}.`)
      await queries.invalidateQueries({ queryKey: ['run', run.id] })
    } catch (error) {
      sayWrong(error)
    }
  }
  const retry = async (): Promise<void> => {
    try {
      go(`/runs/${(await carillon.runs.retry(run.id)).id}`)
    } catch (error) {
      sayWrong(error)
    }
  }
  useEffect(() => {
    document.title = `${run.status}: ${run.job} · Carillon`
    deeds.value = may('runs:write')
      ? [
          final
            ? { label: 'Do it again', run: () => void retry() }
            : { label: 'Cancel this run', run: () => void cancel() },
        ]
      : []
    return () => {
      deeds.value = []
    }
  }, [run.id, run.status])
  const start = run.startedAt === null ? null : Date.parse(run.startedAt)
  return (
    <div class="stack">
      <div class="page-head">
        <div class="about">
          <p class="soft">
            <Link href={`/jobs/${run.jobId}`}>{run.job}</Link>, version {run.jobVersion}
          </p>
          <div class="row">
            <h1>
              Due <TimeText at={run.dueAt} zone={zone} />
            </h1>
            <Status of={run.status} big />
          </div>
          <p class="run-message">
            {run.message ??
              (run.reason === null ? null : `Because ${REASON_WORDS[run.reason]}.`) ??
              (run.status === 'pending' ? 'It waits for its turn.' : '')}
          </p>
        </div>
        <div class="row">
          {job.data !== undefined && run.trigger === 'schedule' && (
            <button type="button" class="button" onClick={() => setWhy(true)}>
              Why?
            </button>
          )}
          {may('runs:write') &&
            (final ? (
              <button type="button" class="button primary" onClick={() => void retry()}>
                Do it again
              </button>
            ) : (
              <button
                type="button"
                class="button danger"
                disabled={run.status === 'cancelling'}
                onClick={() => void cancel()}
              >
                Cancel
              </button>
            ))}
          {definition !== null && 'http' in definition.target && (
            <CopyButton text={() => curlCommand(definition, run)}>curl</CopyButton>
          )}
          <CopyButton text={() => cliCommand(run)}>CLI</CopyButton>
        </div>
      </div>
      <Panel title="Facts">
        <dl class="facts wide">
          <dt>Made by</dt>
          <dd>
            {run.trigger}
            {run.late && <span class="chip">caught up late</span>}
          </dd>
          <dt>Started</dt>
          <dd>
            <TimeText at={run.startedAt} zone={zone} none="not yet" />
            {start !== null && run.trigger === 'schedule' && (
              <span class="soft"> ({durationText(start - Date.parse(run.dueAt))} after it was due)</span>
            )}
          </dd>
          <dt>Ended</dt>
          <dd>
            <TimeText at={run.finishedAt} zone={zone} none="not yet" />
          </dd>
          <dt>Took</dt>
          <dd class="number">
            <Took run={run} />
          </dd>
          {job.data?.callback != null && final && (
            <>
              <dt>Told</dt>
              <dd>
                <Link href={`/callbacks?run=${run.id}`}>who was told of its end</Link>
              </dd>
            </>
          )}
          <dt>Id</dt>
          <dd>
            <code>{run.id}</code>
          </dd>
        </dl>
      </Panel>
      {run.outside !== null && <Outside of={run.outside} zone={zone} />}
      {run.parts.length > 0 && <Parts run={run} zone={zone} />}
      {run.attempts.length > 0 && <Attempts run={run} definition={definition} zone={zone} />}
      {run.params !== null && (
        <Panel title="Parameters">
          <pre class="code">
            {typeof run.params === 'string' ? run.params : JSON.stringify(run.params, null, 2)}
          </pre>
        </Panel>
      )}
      <RunLog run={run} />
      {why && job.data !== undefined && <Why job={job.data} at={run.dueAt} onClose={() => setWhy(false)} />}
    </div>
  )
}
