// A job in this system's words: read from what was sent, made into a job of ours, and shown.

import Type from 'typebox'
import type { JobDraft } from '../../../commands/job-draft.ts'
import { formatDuration } from '../../../domain/duration.ts'
import { AppError } from '../../../domain/errors.ts'
import type { Job } from '../../../domain/job.ts'
import type { Run } from '../../../domain/run.ts'
import { findZone } from '../../../domain/schedule/zone.ts'
import { projectName, projectOfJob, SYSTEM } from './numbers.ts'
import { scheduleOf } from './spec-dialect.ts'
import { inWords, type Words } from './words.ts'

export type Scheduler0Settings = {
  readonly executionTimeoutMs: number
  readonly retryDelayMs: number
  readonly retryMax: number
  /** Bytes of one callback. */
  readonly payloadBytesMax: number
}

export const SCHEDULER0_DEFAULTS: Scheduler0Settings = {
  executionTimeoutMs: 30_000,
  retryDelayMs: 1_000,
  retryMax: 10,
  payloadBytesMax: 2 * 1_048_576,
}

/** Marks the jobs of this door among others. */
export const DOOR_LABEL = { door: SYSTEM } as const

const BATCH_ITEMS_MAX = 10_000
const DATA_MAX = 1_000_000
/** A Go time that was never set. */
const NO_TIME = '0001-01-01T00:00:00Z'
const OptionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]))

/** In camelCase; see camelKeys. */
export const SentJob = Type.Object({
  projectId: Type.Union([Type.Integer(), Type.String()]),
  spec: Type.String({ maxLength: 256 }),
  timezone: OptionalText,
  timezoneOffset: Type.Optional(Type.Unknown()),
  callbackUrl: OptionalText,
  data: Type.Optional(Type.Union([Type.String({ maxLength: DATA_MAX }), Type.Null()])),
  executionType: OptionalText,
  startDate: OptionalText,
  endDate: OptionalText,
})
export type SentJob = Type.Static<typeof SentJob>

export function toDraft(sent: SentJob, number: number, settings: Scheduler0Settings, now: number): JobDraft {
  const timezone = sent.timezone ?? ''
  const timing = scheduleOf(sent.spec)
  if (timing === null) throw refusal(`job spec is not valid ${sent.spec}`, 'spec')
  if (timezone === '' || timezone === 'Local' || findZone(timezone) === null) {
    throw refusal(`job timezone is not valid, provided timezone is ${timezone}`, 'timezone')
  }
  const type = sent.executionType ?? ''
  if (type !== '' && type !== 'http') {
    throw refusal(`execution_type "${type.slice(0, 60)}" is not supported: http is`, 'execution_type')
  }
  const from = timeOf(sent.startDate)
  const until = timeOf(sent.endDate)
  const { executionTimeoutMs, retryDelayMs, retryMax, payloadBytesMax } = settings
  const timeout = formatDuration(executionTimeoutMs)
  const job = shown({ ...sent, timezone }, number, new Date(now).toISOString())
  return {
    name: String(number),
    project: projectName(projectOfJob(number)),
    labels: DOOR_LABEL,
    schedule: {
      ...timing,
      ...(timing.every === undefined ? { timezone } : {}),
      ...(from === null ? {} : { from }),
      ...(until === null ? {} : { until }),
    },
    target: {
      http: {
        url: sent.callbackUrl ?? '',
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: { ...job, execution_id: '{{run.id}}', last_execution_date: '{{run.dueAt}}' },
        timeout,
        batch: {
          maxItems: BATCH_ITEMS_MAX,
          maxBytes: payloadBytesMax,
          items: 'body',
          indexHeader: 'x-payload-chunk-id',
        },
      },
    },
    policy: {
      catchUp: 'none',
      timeout,
      retry: { delays: Array.from({ length: retryMax }, () => formatDuration(retryDelayMs)) },
    },
  }
}

function timeOf(text: string | null | undefined): string | null {
  return text == null || text === '' || text.startsWith('0001-01-01T00:00:00') ? null : text
}

function shown(
  sent: Omit<SentJob, 'timezone'> & { timezone: string },
  id: number,
  dateCreated: string,
): Record<string, unknown> {
  return inWords('snake', {
    id,
    projectId: projectOfJob(id),
    spec: sent.spec,
    callbackUrl: sent.callbackUrl ?? '',
    data: sent.data ?? '',
    executionType: 'http',
    startDate: timeOf(sent.startDate) ?? NO_TIME,
    endDate: timeOf(sent.endDate) ?? NO_TIME,
    timezone: sent.timezone,
    timezoneOffset: sent.timezoneOffset,
    dateCreated,
  })
}

/** Whoever else makes jobs in a project of this door: they are not this system's to show. */
export function isOurs({ spec }: Job): boolean {
  const body = spec.target.http?.body
  return spec.labels.door === SYSTEM && typeof body === 'object' && body !== null && !Array.isArray(body)
}

/** What it has in its body is what was sent. `last`: the last of its runs that has begun. */
export function jobInWords(job: Job, words: Words, last: Run | null = null): Record<string, unknown> {
  const body = job.spec.target.http?.body as Record<string, unknown>
  const { execution_id, last_execution_date, ...sent } = body
  const camel = Object.fromEntries(Object.entries(sent).map(([name, value]) => [camelOf(name), value]))
  return inWords(words, { ...camel, lastExecutionDate: last === null ? NO_TIME : executedAt(last) })
}

export function executedAt({ startedAt, dueAt }: Run): string {
  return new Date(startedAt ?? dueAt).toISOString()
}

function camelOf(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function refusal(detail: string, field: string): AppError {
  return new AppError('invalid', detail, [{ pointer: `/${field}`, code: 'invalid', detail }])
}
