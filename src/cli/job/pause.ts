// carillon job pause, carillon job resume

import type { Job, ResumeRequest } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import { pointInTime } from '../point-in-time.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'
import { showFromNow, showInstant } from '../show/times.ts'

export type PauseOptions = {
  readonly project?: string
  readonly until?: string
  readonly for?: number
  readonly note?: string
}

export async function pauseJobs(
  session: Session,
  refs: readonly string[],
  options: PauseOptions,
): Promise<void> {
  const { project, note } = options
  const until = endOf(options)
  const request = { ...(until === undefined ? {} : { until }), ...(note === undefined ? {} : { note }) }
  const jobs: Job[] = []
  for (const ref of refs) jobs.push(await session.client.jobs.pause(ref, request, { project }))
  await session.print(single(jobs), () => jobs.map(pausedLine).join('\n'))
}

export function endOf({ until, for: ms }: PauseOptions): string | undefined {
  if (until !== undefined && ms !== undefined)
    throw new CliError(EXIT.usage, 'Give --until or --for, not both.')
  if (ms !== undefined) return new Date(Date.now() + ms).toISOString()
  return until === undefined ? undefined : pointInTime(until, new Date(), true)
}

function pausedLine({ name, pause }: Job): string {
  const end = pause?.until ? `until ${showInstant(pause.until)}` : `until: carillon job resume ${name}`
  return safeText(`Paused ${name} ${end}`)
}

type ResumeOptions = { readonly project?: string; readonly missed?: 'skip' | 'latest' | 'all' }

export async function resumeJobs(
  session: Session,
  refs: readonly string[],
  { project, missed }: ResumeOptions,
): Promise<void> {
  const request: ResumeRequest = missed === undefined ? {} : { onResume: missed }
  const jobs: Job[] = []
  for (const ref of refs) jobs.push(await session.client.jobs.resume(ref, request, { project }))
  await session.print(single(jobs), () =>
    jobs
      .map(({ name, nextDueAt }) => safeText(`Resumed ${name}; next ${showFromNow(nextDueAt, Date.now())}`))
      .join('\n'),
  )
}

/** One job was asked for: its shape, not a list of one. */
function single(jobs: readonly Job[]): unknown {
  return jobs.length === 1 ? jobs[0] : { items: jobs, nextCursor: null }
}
