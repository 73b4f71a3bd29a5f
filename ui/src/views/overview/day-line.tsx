// The last 24 hours and the next 24 hours on one line: what was is filled, what will be is outlined.

import { Link } from 'wouter-preact'
import type { Overview, RunStatus, StatusCounts } from '../../../../src/sdk/index.ts'
import { useRoving } from '../../keys/roving.ts'
import { Panel } from '../../parts/panel.tsx'
import { TONES } from '../../parts/status.tsx'
import { now } from '../../time/clock.ts'
import { countText, relativeText, wallTime } from '../../time/format.ts'
import { zoneFor, zoneMode } from '../../time/zone-mode.ts'

const STEP_MS = 30 * 60_000
const STEPS = 48
/** Up and down go by three hours. */
const BARS_LEAP = 6
/** From the bottom to the top of a bar: what is rare and bad lies on top and is never thinner than can be seen. */
const ORDER: readonly RunStatus[] = [
  'succeeded',
  'skipped',
  'cancelled',
  'pending',
  'running',
  'cancelling',
  'unknown',
  'missed',
  'failed',
]

type Step = { readonly at: number; readonly counts: StatusCounts; readonly total: number }

export function DayLine({ data }: { readonly data: Overview }) {
  const past = pastSteps(data)
  const ahead = aheadSteps(data)
  const behind = useRoving<HTMLOListElement>(BARS_LEAP)
  const coming = useRoving<HTMLOListElement>(BARS_LEAP)
  const most = Math.max(1, ...past.map(({ total }) => total), ...ahead.map(({ total }) => total))
  const zone = zoneFor(zoneMode.value, undefined)
  const label = (at: number): string =>
    zoneMode.value === 'relative' ? relativeText(at, now.value) : wallTime(at, zone).time.slice(0, 5)
  return (
    <Panel
      title="A day back, a day ahead"
      aside={
        <span class="soft small">
          {data.past.countedAt === null
            ? 'still counting …'
            : `each bar half an hour, up to ${countText(most)} runs`}
        </span>
      }
    >
      <div class="day-line">
        <ol ref={behind} class="bars" aria-label="Runs of the last 24 hours by half hour">
          {past.map((step) => (
            <li key={step.at}>
              <PastBar step={step} most={most} label={label(step.at)} />
            </li>
          ))}
        </ol>
        <ol ref={coming} class="bars ahead" aria-label="Due instants of the next 24 hours by half hour">
          {ahead.map((step) => (
            <li key={step.at}>
              <Link
                href={`/jobs?dueFrom=${new Date(step.at).toISOString()}&dueTo=${new Date(step.at + STEP_MS).toISOString()}`}
                title={`${label(step.at)}: ${countText(step.total)} due`}
                aria-label={`${label(step.at)}: ${step.total} due`}
              >
                <i style={{ height: `${(step.total / most) * 100}%` }} data-some={step.total > 0} />
              </Link>
            </li>
          ))}
        </ol>
        <div class="axis" aria-hidden="true">
          {[-24, -18, -12, -6, 0, 6, 12, 18, 24].map((hours) => (
            <span key={hours}>{hours === 0 ? 'now' : label(now.value + hours * 3_600_000)}</span>
          ))}
        </div>
      </div>
    </Panel>
  )
}

function PastBar({
  step,
  most,
  label,
}: {
  readonly step: Step
  readonly most: number
  readonly label: string
}) {
  const parts = ORDER.filter((status) => (step.counts[status] ?? 0) > 0)
  const words =
    parts.map((status) => `${countText(step.counts[status] ?? 0)} ${status}`).join(', ') || 'nothing was due'
  const to = new Date(step.at + STEP_MS).toISOString()
  return (
    <Link
      href={`/runs?from=${new Date(step.at).toISOString()}&to=${to}`}
      title={`${label}: ${words}`}
      aria-label={`${label}: ${words}`}
    >
      {parts.toReversed().map((status) => (
        <i
          key={status}
          data-tone={TONES[status]}
          data-status={status}
          style={{ height: `${((step.counts[status] ?? 0) / most) * 100}%` }}
        />
      ))}
    </Link>
  )
}

function pastSteps({ past, at }: Overview): Step[] {
  const end = Math.floor(Date.parse(at) / STEP_MS) * STEP_MS + STEP_MS
  const steps = Array.from({ length: STEPS }, (_, n) => ({
    at: end - (STEPS - n) * STEP_MS,
    counts: {} as StatusCounts,
    total: 0,
  }))
  for (const bucket of past.buckets) {
    const step = steps[Math.floor((Date.parse(bucket.at) - steps[0]!.at) / STEP_MS)]
    if (step === undefined) continue
    for (const [status, count] of Object.entries(bucket.counts) as [RunStatus, number][]) {
      step.counts[status] = (step.counts[status] ?? 0) + count
      step.total += count
    }
  }
  return steps
}

function aheadSteps({ ahead }: Overview): Step[] {
  const from = Date.parse(ahead.from)
  return ahead.counts
    .slice(0, STEPS)
    .map((total, n) => ({ at: from + n * ahead.bucketMs, counts: {}, total }))
}
