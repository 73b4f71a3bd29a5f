// The last weeks day by day: green where all was well, marked where it was not.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { Link } from 'wouter-preact'
import type { Calendar, Job, RunStatus, StatusCounts } from '../../../../src/sdk/index.ts'
import { Answer } from '../../parts/answer.tsx'
import { Glyph, type GlyphName } from '../../parts/glyph.tsx'
import { Panel } from '../../parts/panel.tsx'
import { TONES } from '../../parts/status.tsx'
import { carillon } from '../../state/client.ts'
import { may } from '../../state/visit.ts'
import { countText, wallTime } from '../../time/format.ts'
import { zoneFor, zoneMode } from '../../time/zone-mode.ts'

const DAYS = 35
const DAY_MS = 86_400_000
/** What a day is shown as: the worst that happened. */
const WORST: readonly RunStatus[] = [
  'failed',
  'unknown',
  'missed',
  'running',
  'cancelling',
  'pending',
  'succeeded',
  'cancelled',
  'skipped',
]

export function CalendarPanel({ job }: { readonly job: Job }) {
  const zone = zoneFor(zoneMode.value === 'relative' ? 'job' : zoneMode.value, job.schedule.timezone)
  const calendar = useQuery({
    queryKey: ['job', job.id, 'calendar', zone],
    queryFn: () => carillon.jobs.calendar(job.id, { days: DAYS, timezone: zone }),
    enabled: may('runs:read'),
    placeholderData: keepPreviousData,
  })
  return (
    <Panel title="Day by day" aside={<span class="soft small">{zone}</span>}>
      <Answer of={calendar}>{(data) => <Days calendar={data} job={job} />}</Answer>
    </Panel>
  )
}

function Days({ calendar, job }: { readonly calendar: Calendar; readonly job: Job }) {
  const zone = calendar.timezone
  const counts = new Map(calendar.days.map((day) => [day.date, day.counts]))
  const dates = lastDates(zone)
  const lead = (new Date(`${dates[0]}T12:00:00Z`).getUTCDay() + 6) % 7
  return (
    <>
      <div class="calendar">
        {['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'].map((day) => (
          <span key={day} class="soft weekday">
            {day}
          </span>
        ))}
        {Array.from({ length: lead }, (_, n) => (
          <span key={`lead-${n}`} />
        ))}
        {dates.map((date) => (
          <Day
            key={date}
            date={date}
            counts={counts.get(date)}
            inGap={gapOn(calendar, date, zone)}
            job={job}
          />
        ))}
      </div>
      {calendar.countedFrom !== null && (
        <p class="soft small">Only the newer days were counted: there are too many runs.</p>
      )}
    </>
  )
}

type DayProps = {
  readonly date: string
  readonly counts: StatusCounts | undefined
  readonly inGap: Calendar['gaps'][number] | undefined
  readonly job: Job
}

function Day({ date, counts, inGap, job }: DayProps) {
  const worst = WORST.find((status) => (counts?.[status] ?? 0) > 0) ?? inGap?.status
  const words = Object.entries(counts ?? {}).map(([status, count]) => `${countText(count)} ${status}`)
  if (inGap !== undefined) words.push(`in a gap: ${inGap.status} (${inGap.reason})`)
  const title = `${date}: ${words.join(', ') || 'nothing was due'}`
  if (worst === undefined) {
    return (
      <span class="day" title={title}>
        {Number(date.slice(8))}
      </span>
    )
  }
  return (
    <Link
      class="day"
      href={`/jobs/${job.id}/ledger?day=${date}`}
      data-tone={TONES[worst]}
      title={title}
      aria-label={title}
    >
      {Number(date.slice(8))}
      <Glyph name={worst as GlyphName} />
    </Link>
  )
}

function lastDates(zone: string): string[] {
  const today = Date.parse(`${wallTime(Date.now(), zone).date}T12:00:00Z`)
  return Array.from({ length: DAYS }, (_, n) =>
    new Date(today - (DAYS - 1 - n) * DAY_MS).toISOString().slice(0, 10),
  )
}

function gapOn({ gaps }: Calendar, date: string, zone: string): Calendar['gaps'][number] | undefined {
  return gaps.find(
    ({ from, to }) =>
      wallTime(Date.parse(from), zone).date <= date && date <= wallTime(Date.parse(to), zone).date,
  )
}
