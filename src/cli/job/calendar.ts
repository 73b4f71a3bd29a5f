// carillon job calendar: how the runs of each day ended.

import type { Calendar, Gap } from '../../sdk/index.ts'
import type { Session } from '../session.ts'
import { countsText } from '../show/counts.ts'
import { table } from '../show/table.ts'
import { showInstant } from '../show/times.ts'

type CalendarOptions = { readonly project?: string; readonly days?: number; readonly timezone?: string }

export async function readCalendar(session: Session, ref: string, options: CalendarOptions): Promise<void> {
  const { project, days, timezone: asked } = options
  const calendar = await session.client.jobs.calendar(ref, { project, days, timezone: asked })
  await session.print(calendar, () => showCalendar(calendar, session))
  const { countedFrom, timezone } = calendar
  session.say(`Days of ${timezone}; those without runs are left out.`)
  if (countedFrom !== null)
    session.say(`What lies before ${showInstant(countedFrom)} was not counted: too many runs.`)
}

function showCalendar({ days, gaps }: Calendar, session: Session): string {
  const counted =
    days.length === 0
      ? 'No runs in these days.'
      : table(
          days,
          [
            { title: 'DAY', value: ({ date }) => date },
            { title: 'RUNS', value: ({ counts }) => countsText(counts) },
          ],
          session.look,
        )
  return gaps.length === 0 ? counted : `${counted}\n\n${showGaps(gaps, session)}`
}

function showGaps(gaps: readonly Gap[], session: Session): string {
  return table(
    gaps,
    [
      { title: 'FROM', value: ({ from }) => showInstant(from) },
      { title: 'TO', value: ({ to }) => showInstant(to) },
      { title: 'COUNT', value: ({ count }) => String(count) },
      { title: 'STATUS', value: ({ status }) => status, style: 'status' },
      { title: 'WHY', value: ({ reason }) => reason },
    ],
    session.look,
  )
}
