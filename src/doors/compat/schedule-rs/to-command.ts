// A schedule of this system as a job of ours. Its id is the job's name.

import type { JobDraft } from '../../../commands/job-draft.ts'
import type { Callback } from '../../../domain/effect.ts'
import type { Job } from '../../../domain/job.ts'
import type { ScheduleSpec } from '../../../domain/schedule/schedule.ts'
import { hideSecrets } from '../../../domain/secret.ts'
import type { HttpTarget } from '../../../domain/target.ts'
import { cronOf } from '../rust-cron.ts'
import { withOwn } from '../with-own.ts'
import type { CallbackChange, ChangedSchedule } from './wire.ts'

/** Marks the jobs of this door among others of their project. */
export const DOOR_LABEL = { door: 'schedule-rs' } as const

type Place = { readonly id: string; readonly project: string }

/** `callback`: what is there already and stays unless another is named. */
export function toJob(sent: ChangedSchedule, { id, project }: Place, callback: Callback | null): JobDraft {
  const { url, method, headers, body, retry } = sent.request
  return {
    name: id,
    project,
    labels: { ...DOOR_LABEL, ...tagLabels(sent.tags ?? []) },
    schedule: toSchedule(sent),
    target: {
      http: {
        url,
        method: method?.toUpperCase() ?? 'GET',
        ...(headers == null ? {} : { headers }),
        ...(body == null ? {} : { body }),
      },
    },
    policy: retry == null ? {} : { retry: { delays: retry.map((seconds) => `${seconds}s`) } },
    callback:
      sent.callback == null ? callback && told(callback, sent, id) : toCallback(sent.callback, sent, id),
  }
}

/** Replaces what this system has words for. `callback`: what stays unless another is named. */
export function toChangedJob(
  sent: ChangedSchedule,
  { spec, projectId }: Job,
  callback: Callback | null,
): JobDraft {
  const draft = toJob(sent, { id: spec.name, project: projectId }, callback)
  const { target, labels = {}, policy = {} } = draft
  const saysRetry = sent.request.retry != null || spec.policy.retry?.delays !== undefined
  return {
    ...spec,
    ...draft,
    labels: withOwn(spec.labels, labels, (name) => name === 'door' || name.startsWith('tags.')),
    target: { http: withOwn(spec.target.http as HttpTarget, target.http as HttpTarget, isSaid) },
    policy: withOwn(spec.policy, policy, (name) => saysRetry && name === 'retry'),
  }
}

function isSaid(name: keyof HttpTarget): boolean {
  return name === 'url' || name === 'method' || name === 'headers' || name === 'body'
}

/** Where both are given the moment wins, as it did there. */
function toSchedule({ schedule, schedule_at }: ChangedSchedule): ScheduleSpec {
  if (schedule_at != null) return { at: schedule_at }
  return schedule == null ? {} : cronOf(schedule)
}

function tagLabels(tags: readonly string[]): Record<string, string> {
  return Object.fromEntries(tags.map((tag, n) => [`tags.${n}`, tag]))
}

export function toCallback(
  { url, headers }: NonNullable<CallbackChange['callback']>,
  sent: ChangedSchedule,
  id: string,
): Callback {
  return told({ url, ...(headers == null ? {} : { headers }) }, sent, id)
}

/** In the words of this system: how it ended, and when. The secrets of the request are for its target alone. */
function told(callback: Callback, sent: ChangedSchedule, id: string): Callback {
  const { url, method, headers, body } = hideSecrets(sent.request)
  return {
    ...callback,
    body: {
      id,
      request: {
        url,
        method: method ?? 'GET',
        ...(body == null ? {} : { body }),
        ...(headers == null ? {} : { headers }),
      },
      ...(sent.schedule_at == null ? {} : { schedule_at: sent.schedule_at }),
      ...(sent.schedule == null || sent.schedule_at != null ? {} : { schedule: sent.schedule }),
      status: '{{run.status}}',
      executed_at: '{{run.finishedAt}}',
      last_error: '{{run.error}}',
    },
    statusNames: { succeeded: 'done', cancelled: 'failed', missed: 'failed', unknown: 'failed' },
  }
}
