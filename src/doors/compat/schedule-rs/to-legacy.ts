// A job of ours, and how it rang, as this system shows a schedule.

import { parseDuration } from '../../../domain/duration.ts'
import type { Callback } from '../../../domain/effect.ts'
import type { Job } from '../../../domain/job.ts'
import { FINAL_STATUSES, type Run } from '../../../domain/run.ts'
import type { HttpTarget } from '../../../domain/target.ts'
import { rustCron } from '../rust-cron.ts'
import type { ChangedSchedule } from './wire.ts'

/** The document and the program had different words for the same. */
export const DOCUMENT_WORDS = { scheduled: 'scheduled', running: 'running', failed: 'failed', done: 'done' }
export const PROGRAM_WORDS = {
  scheduled: 'scheduled',
  running: 'executing',
  failed: 'failed',
  done: 'completed',
}

type Words = typeof DOCUMENT_WORDS

/** As the document prints it: of what has ended also how, and the request once more at the top. */
export function documentedSchedule(job: Job, last: Run | null): Record<string, unknown> {
  const { schedule, schedule_at, request } = sentAs(job)
  const { url, method, body, headers } = request
  const shown = { url, method, ...(body == null ? {} : { body }), ...(headers == null ? {} : { headers }) }
  const ended = endOf(last)
  return {
    id: job.spec.name,
    request: shown,
    ...(ended === null ? {} : shown),
    ...(schedule == null ? {} : { schedule }),
    ...(schedule_at == null ? {} : { schedule_at }),
    status: statusOf(last, DOCUMENT_WORDS),
    ...(ended ?? {}),
  }
}

/** As the program answered: everything there is, null where nothing is. */
export function programSchedule(job: Job, last: Run | null): Record<string, unknown> {
  const { schedule, schedule_at, request, callback, tags } = sentAs(job)
  return {
    id: job.spec.name,
    tags: tags ?? null,
    request: { headers: null, body: null, retry: null, ...request },
    schedule: schedule ?? null,
    schedule_at: schedule_at ?? null,
    callback: callback == null ? null : { headers: null, ...callback },
    created_at: new Date(job.createdAt).toISOString(),
    updated_at: new Date(job.updatedAt).toISOString(),
    status: statusOf(last, PROGRAM_WORDS),
  }
}

/** The schedule as it was sent, read back from the job. */
export function sentAs({ spec }: Job): ChangedSchedule {
  const { url, method, headers, body } = spec.target.http as HttpTarget
  const retry = spec.policy.retry?.delays?.map((delay) => (parseDuration(delay) ?? 0) / 1_000)
  const tags = Object.entries(spec.labels).flatMap(([name, tag]) => (name.startsWith('tags.') ? [tag] : []))
  return {
    request: {
      url,
      method: method ?? 'GET',
      ...(headers === undefined ? {} : { headers }),
      ...(typeof body === 'string' ? { body } : {}),
      ...(retry === undefined ? {} : { retry }),
    },
    ...timeOf(spec.schedule),
    callback: spec.callback === null ? null : callbackOf(spec.callback),
    ...(tags.length === 0 ? {} : { tags }),
  }
}

function timeOf(schedule: Job['spec']['schedule']): Pick<ChangedSchedule, 'schedule' | 'schedule_at'> {
  if (schedule.at !== undefined) return { schedule_at: schedule.at }
  return schedule.cron === undefined ? {} : { schedule: rustCron(schedule) }
}

function callbackOf({ url, headers }: Callback): NonNullable<ChangedSchedule['callback']> {
  return { url, ...(headers === undefined ? {} : { headers }) }
}

function statusOf(last: Run | null, words: Words): string {
  if (last === null) return words.scheduled
  if (last.status === 'succeeded') return words.done
  if ((FINAL_STATUSES as readonly string[]).includes(last.status)) return words.failed
  return last.attempts > 0 ? words.running : words.scheduled
}

function endOf(last: Run | null): { last_error?: string; executed_at: string } | null {
  if (last === null || !('finishedAt' in last)) return null
  const executed_at = new Date(last.finishedAt).toISOString()
  if (last.status === 'succeeded') return { executed_at }
  return { last_error: last.message ?? last.reason ?? last.status, executed_at }
}
