// carillon job preview: the next instants of a job, or of a schedule that is no job yet.

import type { Schedule } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import { pointInTime } from '../point-in-time.ts'
import type { Session } from '../session.ts'
import { showPreview } from '../show/instants.ts'
import { scheduleOf } from './draft-of-options.ts'
import type { ScheduleOptions } from './draft-options.ts'

type PreviewOptions = ScheduleOptions & {
  readonly project?: string
  readonly count?: number
  readonly start?: string
}

export async function previewJob(
  session: Session,
  ref: string | undefined,
  options: PreviewOptions,
): Promise<void> {
  const schedule = await scheduleMeant(session, ref, options)
  const from = options.start === undefined ? {} : { from: pointInTime(options.start, new Date(), true) }
  const preview = await session.client.schedules.preview({ schedule, count: options.count ?? 10, ...from })
  await session.print(preview, () => showPreview(preview, session.look, Date.now()))
  for (const { detail } of preview.warnings) session.warn(detail)
}

async function scheduleMeant(
  session: Session,
  ref: string | undefined,
  options: PreviewOptions,
): Promise<Schedule> {
  const given = scheduleOf(options)
  const some = Object.keys(given).length > 0
  if (ref === undefined) {
    if (some) return given
    throw new CliError(EXIT.usage, 'The next instants of what?', {
      hint: 'Name a job, or give --cron, --every or --at.',
    })
  }
  if (some) throw new CliError(EXIT.usage, 'Name a job, or give a schedule, not both.')
  const { schedule, createdAt } = await session.client.jobs.get(ref, { project: options.project })
  return schedule.every !== undefined && schedule.anchor === undefined
    ? { ...schedule, anchor: createdAt }
    : schedule
}
