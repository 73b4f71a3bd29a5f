// What a job is: when, what, under which rules, and how it has been doing.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { lazy, Suspense } from 'preact/compat'
import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { Job, MessageTarget, Policy } from '../../../../src/sdk/index.ts'
import { Preview } from '../../editor/preview.tsx'
import { Panel } from '../../parts/panel.tsx'
import { RunStrip } from '../../parts/run-strip.tsx'
import { carillon } from '../../state/client.ts'
import { may, mayEverywhere } from '../../state/visit.ts'
import { TimeText } from '../../time/time-text.tsx'
import { RunTable } from '../run-table.tsx'
import { CalendarPanel } from './calendar.tsx'
import { masked } from './masked.ts'
import { Why } from './why.tsx'

const RECENT = 60
const Durations = lazy(async () => ({ default: (await import('./durations.tsx')).Durations }))

export function AboutJob({ job }: { readonly job: Job }) {
  const recent = useQuery({
    queryKey: ['job', job.id, 'recent'],
    queryFn: async () => (await carillon.runs.recent([job.id], RECENT)).items[0]?.runs ?? [],
    enabled: may('runs:read'),
    placeholderData: keepPreviousData,
  })
  const [why, setWhy] = useState<string | null>(null)
  const runs = recent.data ?? []
  const zone = job.schedule.timezone
  return (
    <div class="stack">
      <div class="halves">
        <div class="stack tight">
          <Panel title="When">
            <Preview
              onWhy={setWhy}
              schedule={{
                ...job.schedule,
                ...(job.schedule.every === undefined || job.schedule.anchor !== undefined
                  ? {}
                  : { anchor: job.createdAt }),
              }}
            />
          </Panel>
          <Panel title="Under which rules">
            <Rules policy={job.policy} />
          </Panel>
        </div>
        <div class="stack tight">
          <Panel title="How it has been doing" aside={<RunStrip runs={runs.slice(0, 24)} zone={zone} />}>
            {runs.filter(({ finishedAt, startedAt }) => finishedAt !== null && startedAt !== null).length <
            2 ? (
              <p class="soft">How long its runs take shows here after the second one.</p>
            ) : (
              <Suspense fallback={<div class="durations" />}>
                <Durations runs={runs} zone={zone} />
              </Suspense>
            )}
          </Panel>
          <Panel title="What">
            <Target job={job} />
          </Panel>
          <CalendarPanel job={job} />
        </div>
      </div>
      <Panel title="Last runs" flush aside={<Link href={`/jobs/${job.id}/ledger`}>The whole ledger</Link>}>
        {runs.length === 0 ? (
          <p class="body soft">It has not rung yet.</p>
        ) : (
          <RunTable runs={runs.slice(0, 10)} zone={zone} />
        )}
      </Panel>
      {why !== null && <Why job={job} at={why} onClose={() => setWhy(null)} />}
      <p class="soft small">
        <code>{job.id}</code> · version {job.version} · made <TimeText at={job.createdAt} zone={zone} /> ·
        changed <TimeText at={job.updatedAt} zone={zone} />
        {mayEverywhere('admin') && (
          <>
            {' '}
            · <Link href={`/audit?subject=${job.id}`}>who changed it</Link>
          </>
        )}
      </p>
    </div>
  )
}

function Target({ job }: { readonly job: Job }) {
  if (job.target.message !== undefined) return <MessageOf message={job.target.message} />
  if (!('http' in job.target)) return <pre class="code">{JSON.stringify(masked(job.target), null, 2)}</pre>
  const { url, method, headers, body } = job.target.http
  return (
    <div class="stack tight">
      <p class="mono target-line">
        <strong>{method ?? (body === undefined ? 'GET' : 'POST')}</strong> {url}
      </p>
      {headers !== undefined && (
        <dl class="facts small">
          {Object.entries(masked(headers)).map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd class="mono">{String(value)}</dd>
            </>
          ))}
        </dl>
      )}
      {body !== undefined && (
        <pre class="code">{typeof body === 'string' ? body : JSON.stringify(body, null, 2)}</pre>
      )}
      {job.callback !== null && (
        <p>
          <span class="soft">Told when it has ended:</span> <span class="mono">{job.callback.url}</span>
        </p>
      )}
    </div>
  )
}

function MessageOf({ message }: { readonly message: MessageTarget }) {
  const { queue, exchange, routingKey, protocol, headers, body, finish, startTimeout } = message
  const simple = protocol !== undefined
  return (
    <div class="stack tight">
      <dl class="facts">
        <dt>Message</dt>
        <dd class="mono">
          {simple
            ? `to workers of ${protocol}`
            : queue === undefined
              ? `to exchange ${exchange}`
              : `to queue ${queue}`}
        </dd>
        {routingKey !== undefined && (
          <>
            <dt>Routing key</dt>
            <dd class="mono">{routingKey}</dd>
          </>
        )}
        <dt>Done when</dt>
        <dd>{simple || finish === 'status' ? 'its worker says so' : 'the bus has it'}</dd>
        {startTimeout !== undefined && (
          <>
            <dt>A worker begins</dt>
            <dd>within {startTimeout}</dd>
          </>
        )}
        {Object.entries(masked(headers ?? {})).map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd class="mono">{value}</dd>
          </>
        ))}
      </dl>
      {body !== undefined && (
        <pre class="code">{typeof body === 'string' ? body : JSON.stringify(masked(body), null, 2)}</pre>
      )}
    </div>
  )
}

function Rules({ policy }: { readonly policy: Policy }) {
  const rows: [string, string][] = [
    ['While one is open', said(policy.overlap, 'skip')],
    ['After a downtime', said(policy.catchUp, 'latest')],
    ['Start within', policy.startWithin ?? 'no bound'],
    ['Timeout', policy.timeout ?? '15m'],
    ['Retries', policy.retry === undefined ? '3, ever longer apart' : said(policy.retry, '')],
    ['Delivery', policy.delivery ?? 'at_least_once'],
    ['After a pause', policy.onResume ?? 'skip'],
    ['Kept', policy.keep === undefined ? 'as the project has it' : said(policy.keep, '')],
  ]
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  )
}

function said(rule: unknown, otherwise: string): string {
  if (rule === undefined) return otherwise
  if (typeof rule !== 'object' || rule === null) return String(rule)
  return Object.entries(rule)
    .map(([name, value]) =>
      name === 'mode' ? String(value) : `${name} ${Array.isArray(value) ? value.join(', ') : String(value)}`,
    )
    .join(', ')
}
