// What will ring in the coming week, hour by hour: where it is busy, where there is room.

import { Link } from 'wouter-preact'
import type { Overview } from '../../../../src/sdk/index.ts'
import { useRoving } from '../../keys/roving.ts'
import { Panel } from '../../parts/panel.tsx'
import { countText, wallTime } from '../../time/format.ts'
import { zoneFor, zoneMode } from '../../time/zone-mode.ts'

const HOURS = Array.from({ length: 24 }, (_, hour) => hour)

type Cell = { count: number; from: number; to: number }
type Day = { readonly date: string; readonly weekday: string; readonly cells: (Cell | undefined)[] }

export function WeekAhead({ ahead }: { readonly ahead: Overview['ahead'] }) {
  const zone = zoneFor(zoneMode.value, undefined)
  const days = byDay(ahead, zone)
  const hours = useRoving<HTMLTableSectionElement>()
  const counts = days.flatMap(({ cells }) =>
    cells.filter((cell) => cell !== undefined).map(({ count }) => count),
  )
  // The hour that has begun and the last one are counted in part only.
  const range = { least: Math.min(...counts.slice(1, -1)), most: Math.max(1, ...counts) }
  return (
    <Panel
      title="The week ahead"
      aside={
        <span class="soft small">
          {ahead.countedAt === null
            ? 'still counting …'
            : `due instants by hour, in ${zone}${ahead.sampled ? ', estimated' : ''}`}
        </span>
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, by keyboard too */}
      <section class="table-wrap" tabIndex={0} aria-label="Due instants by day and hour">
        <table class="week">
          <thead>
            <tr>
              <th scope="col">
                <span class="hidden-text">Day</span>
              </th>
              {HOURS.map((hour) => (
                <th key={hour} scope="col">
                  {String(hour).padStart(2, '0')}
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={hours}>
            {days.map(({ date, weekday, cells }) => (
              <tr key={date}>
                <th scope="row">
                  {weekday} <span class="soft">{date.slice(5)}</span>
                </th>
                {HOURS.map((hour) => (
                  <td key={hour}>
                    {cells[hour] !== undefined && (
                      <Hour cell={cells[hour]} range={range} words={`${weekday} ${hour}:00`} />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Panel>
  )
}

type Range = { readonly least: number; readonly most: number }

function Hour({
  cell,
  range,
  words,
}: {
  readonly cell: Cell
  readonly range: Range
  readonly words: string
}) {
  const { count, from, to } = cell
  if (count === 0) return <span class="cell none" title={`${words}: nothing due`} />
  // From the quietest hour to the busiest: an even week is calm, one busy hour stands out.
  const share = Math.round(10 + 60 * Math.sqrt(Math.max(0, count - range.least) / range.most))
  return (
    <Link
      class="cell"
      href={`/jobs?dueFrom=${new Date(from).toISOString()}&dueTo=${new Date(to).toISOString()}`}
      title={`${words}: ${countText(count)} due`}
      aria-label={`${words}: ${count} due`}
      style={{ '--share': `${share}%` }}
      data-dark={share > 44}
    >
      {short(count)}
    </Link>
  )
}

function short(count: number): string {
  if (count < 1_000) return String(count)
  if (count < 10_000) return `${(count / 1_000).toFixed(1)}k`
  return count < 1_000_000 ? `${Math.round(count / 1_000)}k` : `${(count / 1_000_000).toFixed(1)}M`
}

function byDay(ahead: Overview['ahead'], zone: string): Day[] {
  const days = new Map<string, Day>()
  for (const [n, count] of ahead.counts.entries()) {
    const from = Date.parse(ahead.from) + n * ahead.bucketMs
    const { date, weekday, time } = wallTime(from, zone)
    const day = days.get(date) ?? { date, weekday, cells: [] }
    days.set(date, day)
    const hour = Number(time.slice(0, 2))
    const cell = day.cells[hour]
    if (cell === undefined) day.cells[hour] = { count, from, to: from + ahead.bucketMs }
    else {
      cell.count += count
      cell.to = from + ahead.bucketMs
    }
  }
  return [...days.values()]
}
