// carillon cron …: what a schedule means, without a server, by the same engine.

import type { Command } from 'commander'
import {
  type OfflineSchedule,
  offlineSchedule,
  type Schedule,
  wallClock,
} from '../../main/offline-schedule.ts'
import type { SchedulePreview } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { doing, type Fill, leaf } from '../command-tree.ts'
import { EXIT } from '../exit-code.ts'
import { wholeNumber } from '../numbers.ts'
import { pointInTime, TIME_WORDS } from '../point-in-time.ts'
import type { Session } from '../session.ts'
import { showPreview } from '../show/instants.ts'
import { safeText } from '../show/safe-text.ts'

export const fillCron: Fill = (cron, walk) => {
  withZone(
    leaf(cron, 'next <expression>', 'The next instants of an expression: "30 2 * * MON-FRI", "@every 90s"'),
  )
    .option('-n, --count <number>', 'so many (default 10)', wholeNumber(1, 1_000))
    .option('--start <time>', `from here on (${TIME_WORDS})`)
    .action(doing(walk, showNext))
  withZone(
    leaf(cron, 'explain <expression>', 'An expression in words, and what may surprise about it'),
  ).action(doing(walk, explain))
}

function withZone(command: Command): Command {
  return command.option('-z, --timezone <zone>', 'IANA name (default UTC)')
}

type NextOptions = { readonly timezone?: string; readonly count?: number; readonly start?: string }

async function showNext(session: Session, expression: string, options: NextOptions): Promise<void> {
  const now = Date.now()
  const schedule = compiled(expression, options.timezone, now)
  const from = options.start === undefined ? now : Date.parse(pointInTime(options.start, new Date(now), true))
  const preview = previewOf(schedule, from, options.count ?? 10)
  await session.print(preview, () => showPreview(preview, session.look, now))
  for (const { detail } of preview.warnings) session.warn(detail)
}

async function explain(session: Session, expression: string, { timezone }: NextOptions): Promise<void> {
  const now = Date.now()
  const schedule = compiled(expression, timezone, now)
  const preview = previewOf(schedule, now, 3)
  await session.print(preview, () => {
    const surprises = preview.warnings.map(({ detail }) => `- ${safeText(detail)}`)
    const heed =
      surprises.length === 0 ? [] : ['', session.paint('yellow', 'What may surprise'), ...surprises]
    return [showPreview(preview, session.look, now), ...heed].join('\n')
  })
}

function compiled(expression: string, timezone: string | undefined, now: number): Schedule {
  const spec = { cron: expression, ...(timezone === undefined ? {} : { timezone }) }
  return orRefuse(offlineSchedule(spec, now))
}

function orRefuse(result: OfflineSchedule): Schedule {
  if ('schedule' in result) return result.schedule
  const complaints = result.problems.map(({ pointer, detail, suggestion }) => ({
    where: pointer === '/timezone' ? '--timezone' : 'expression',
    detail,
    suggestion,
  }))
  throw new CliError(EXIT.usage, 'This schedule is refused:', { complaints })
}

function previewOf(schedule: Schedule, from: number, count: number): SchedulePreview {
  const instants: SchedulePreview['instants'] = []
  for (let at = schedule.next(from - 1); at !== null && instants.length < count; at = schedule.next(at)) {
    instants.push({ utc: new Date(at).toISOString(), local: wallClock(at, schedule.timezone) })
  }
  return {
    description: schedule.describe(),
    timezone: schedule.timezone,
    instants,
    warnings: schedule.warnings(from),
  }
}
