// How everything is: what rang, what will, what did not.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { Link } from 'wouter-preact'
import type { Overview } from '../../../src/sdk/index.ts'
import { Answer } from '../parts/answer.tsx'
import { Glyph, type GlyphName } from '../parts/glyph.tsx'
import { Notice } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'
import { Status, type Tone } from '../parts/status.tsx'
import { carillon } from '../state/client.ts'
import { live } from '../state/live.ts'
import { may, mayEverywhere } from '../state/visit.ts'
import { now } from '../time/clock.ts'
import { countText, durationText, relativeText, wallTime } from '../time/format.ts'
import { TimeText } from '../time/time-text.tsx'
import { zoneFor, zoneMode } from '../time/zone-mode.ts'
import { FirstVisit } from './first-visit.tsx'
import { DayLine } from './overview/day-line.tsx'
import { WeekAhead } from './overview/week-ahead.tsx'

const DAY_MS = 86_400_000
const PACE_MS = 30_000

export function OverviewView() {
  const overview = useQuery({
    queryKey: ['overview'],
    queryFn: () => carillon.overview.read(),
    placeholderData: keepPreviousData,
    // Time itself moves what is due: without news too, the picture changes. A first count under way is asked for soon.
    refetchInterval: ({ state: { data } }) =>
      data !== undefined && (data.past.countedAt === null || data.ahead.countedAt === null) ? 700 : PACE_MS,
  })
  return (
    <div class="stack">
      <Answer of={overview}>{(data) => (isEmpty(data) ? <FirstVisit /> : <Figures data={data} />)}</Answer>
    </div>
  )
}

function isEmpty({ jobs, lastDay }: Overview): boolean {
  return jobs !== null && jobs.active + jobs.paused + jobs.finished === 0 && Object.keys(lastDay).length === 0
}

function Figures({ data }: { readonly data: Overview }) {
  const { lastDay, open, jobs, lateness, ahead, deadCallbacks } = data
  const since = new Date(Date.parse(data.at) - DAY_MS).toISOString()
  const ended = (status: 'failed' | 'missed' | 'unknown' | 'skipped' | 'succeeded'): number =>
    lastDay[status] ?? 0
  return (
    <>
      <div class="page-head">
        <div class="about">
          <h1>
            {live.value.state === 'lost'
              ? `As of ${wallTime(live.value.since, zoneFor(zoneMode.value, undefined)).time}: ${headline(data)}`
              : headline(data)}
          </h1>
          <p class="soft">
            {jobs !== null &&
              `${countText(jobs.active)} active ${jobs.active === 1 ? 'job' : 'jobs'}, ${countText(jobs.paused)} paused. `}
            {live.value.state === 'lost'
              ? `These figures are of ${relativeText(Date.parse(data.at), now.value)}: the connection is lost.`
              : 'Of the last 24 hours, with every instant that passed without a run.'}
          </p>
        </div>
        {may('jobs:write') && (
          <Link class="button primary" href="/jobs/new">
            <Glyph name="plus" />
            New job
          </Link>
        )}
      </div>
      {deadCallbacks > 0 && (
        <Notice tone="warn">
          {deadCallbacks === 1
            ? 'One callback'
            : `${deadCallbacks >= 100 ? 'At least 100' : deadCallbacks} callbacks`}{' '}
          could not be delivered. <Link href="/callbacks?status=dead">Look at the dead letters</Link>
        </Notice>
      )}
      <div class="tiles">
        <Tile
          glyph="pending"
          tone="calm"
          label="Due in the next hour"
          value={countText(ahead.nextHour)}
          note={ahead.sampled ? 'estimated' : undefined}
          href="/jobs?status=active"
        />
        {open !== null && (
          <Tile
            glyph="running"
            tone="busy"
            label="Running"
            value={countText((open.running ?? 0) + (open.cancelling ?? 0))}
            note={`${countText(open.pending ?? 0)} waiting`}
            href="/runs?status=running,cancelling,pending"
          />
        )}
        <Tile
          glyph="failed"
          tone={ended('failed') > 0 ? 'bad' : 'calm'}
          label="Failed"
          value={countText(ended('failed'))}
          href={`/runs?status=failed&from=${since}`}
        />
        <Tile
          glyph="missed"
          tone={ended('missed') > 0 ? 'warn' : 'calm'}
          label="Missed"
          value={countText(ended('missed'))}
          href={`/runs?status=missed&from=${since}`}
        />
        {ended('unknown') > 0 && (
          <Tile
            glyph="unknown"
            tone="odd"
            label="Unknown"
            value={countText(ended('unknown'))}
            href={`/runs?status=unknown&from=${since}`}
          />
        )}
        <Tile
          glyph="succeeded"
          tone="ok"
          label="Succeeded"
          value={countText(ended('succeeded'))}
          href={`/runs?status=succeeded&from=${since}`}
        />
        <Tile
          glyph="bell"
          tone="calm"
          label="Start lateness, last hour"
          value={lateness.p50Ms === null ? '–' : `≤ ${durationText(lateness.p50Ms)}`}
          note={
            lateness.starts === 0
              ? 'no starts'
              : `99 %: ${lateness.p99Ms === null ? 'over 1 h' : `≤ ${durationText(lateness.p99Ms)}`}`
          }
        />
        <Carriers />
      </div>
      <DayLine data={data} />
      <WeekAhead ahead={ahead} />
      <Trouble since={since} />
    </>
  )
}

/** Who is there to ring and to carry out. */
function Carriers() {
  const agents = useQuery({
    queryKey: ['agents'],
    queryFn: () => carillon.agents.list({ limit: 500 }),
    refetchInterval: PACE_MS,
  })
  const nodes = useQuery({
    queryKey: ['nodes'],
    queryFn: () => carillon.nodes.list(),
    refetchInterval: PACE_MS,
    enabled: mayEverywhere('admin'),
  })
  if (agents.data === undefined) return null
  const known = agents.data.items.length
  const alive = agents.data.items.filter(({ status }) => status === 'live').length
  // Which servers there are is told to whoever governs all of it.
  const there = nodes.data?.items.filter(({ endedAt }) => endedAt === null)
  const well = (there ?? []).every(({ status }) => status === 'live') && alive === known
  const told = known === 0 ? 'no agents' : `${alive} of ${known} agents live`
  return (
    <Tile
      glyph="agents"
      tone={well ? 'ok' : 'warn'}
      label={there === undefined ? 'Agents' : there.length === 1 ? 'Node' : 'Nodes'}
      value={countText(there === undefined ? alive : there.length)}
      note={told}
      href="/agents"
    />
  )
}

function headline({ lastDay }: Overview): string {
  const trouble = (['failed', 'missed', 'unknown'] as const)
    .map((status) => [status, lastDay[status] ?? 0] as const)
    .filter(([, count]) => count > 0)
  if (trouble.length === 0) return 'Nothing failed or missed in the last day.'
  return `${trouble.map(([status, count]) => `${countText(count)} ${status}`).join(', ')} in the last day.`
}

type TileProps = {
  readonly glyph: GlyphName
  readonly tone: Tone
  readonly label: string
  readonly value: string
  readonly note?: string | undefined
  readonly href?: string
}

function Tile({ glyph, tone, label, value, note, href }: TileProps) {
  const inside = (
    <>
      <span class="label">
        <span class="toned" data-tone={tone}>
          <Glyph name={glyph} />
        </span>
        {label}
      </span>
      <span class="value">{value}</span>
      {note !== undefined && <span class="note">{note}</span>}
    </>
  )
  return href === undefined ? (
    <div class="tile">{inside}</div>
  ) : (
    <Link class="tile" href={href}>
      {inside}
    </Link>
  )
}

/** The last runs that went wrong, one click away from why. */
function Trouble({ since }: { readonly since: string }) {
  const minute = since.slice(0, 16)
  const runs = useQuery({
    queryKey: ['runs', 'trouble', minute],
    queryFn: () => carillon.runs.list({ status: ['failed', 'missed', 'unknown'], from: since, limit: 8 }),
    placeholderData: keepPreviousData,
  })
  if (runs.data === undefined || runs.data.items.length === 0) return null
  return (
    <Panel
      title="Went wrong lately"
      flush
      aside={<Link href={`/runs?status=failed,missed,unknown&from=${since}`}>All of them</Link>}
    >
      <div class="table-wrap">
        <table class="list cards">
          <thead>
            <tr>
              <th>Status</th>
              <th>Job</th>
              <th>Due</th>
              <th>What happened</th>
            </tr>
          </thead>
          <tbody>
            {runs.data.items.map((run) => (
              <tr key={run.id} data-row>
                <td>
                  <Status of={run.status} reason={run.reason} />
                </td>
                <td class="name">
                  <Link class="strong" href={`/runs/${run.id}`}>
                    {run.job}
                  </Link>
                </td>
                <td>
                  <TimeText at={run.dueAt} />
                </td>
                <td class="soft message">{run.message ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}
