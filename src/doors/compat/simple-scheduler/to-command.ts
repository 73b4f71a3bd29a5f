// A job of Simple Scheduler as one of ours: a moment or a distance, and a message to its workers.

import type { JobDraft } from '../../../commands/job-draft.ts'
import type { Job } from '../../../domain/job.ts'
import type { MessageTarget } from '../../../domain/message-target.ts'
import type { PolicySpec } from '../../../domain/policy.ts'
import type { ScheduleSpec } from '../../../domain/schedule/schedule.ts'
import { withOwn } from '../with-own.ts'
import { type SimpleJob, simpleJob } from './to-legacy.ts'
import type { ChangedJob, NewJob } from './wire.ts'

/** Marks the jobs of this door among others of their project. */
export const DOOR_LABEL = { door: 'simple-scheduler' } as const

const QUEUE_DEFAULT = 100
/** Less than this a worker can hardly keep. */
const HEARTBEAT_MIN_MS = 1_000

export function toJob(sent: NewJob, project: string, now: number): JobDraft {
  return {
    name: sent.name,
    project,
    labels: DOOR_LABEL,
    schedule: toSchedule(sent, now),
    target: { message: toMessage(sent) },
    policy: toPolicy(sent),
  }
}

/** What is sent as it is shown, or not at all, stays as it is; so does what else the operator has set. */
export function toChangedJob(job: Job, sent: ChangedJob, now: number): JobDraft {
  const { spec, projectId } = job
  const shown = simpleJob(job)
  const wanted = { ...shown, ...sent }
  const isNew = (...names: (keyof SimpleJob)[]): boolean =>
    names.some((name) => (name === 'nextRunAt' ? movesStart(shown, sent) : wanted[name] !== shown[name]))
  const rules: Partial<Record<keyof PolicySpec, boolean>> = {
    timeout: isNew('runExecutionTimeout'),
    heartbeatTimeout: isNew('heartbeatTimeout'),
    overlap: isNew('allowConcurrentRuns', 'maxQueueCount'),
  }
  const startsAnew = isNew('runStartTimeout')
  const message = spec.target.message as MessageTarget
  return {
    ...spec,
    project: projectId,
    schedule: isNew('nextRunAt', 'interval') ? toSchedule(wanted, now) : spec.schedule,
    target: {
      message: withOwn(message, toMessage(wanted), (name) => startsAnew && name === 'startTimeout'),
    },
    policy: withOwn(spec.policy, toPolicy(wanted), (name) => rules[name] === true),
  }
}

/** Many send back what they have read: a job that has run once does not run again for it. */
export function movesStart(shown: SimpleJob, { nextRunAt }: ChangedJob): boolean {
  return nextRunAt !== undefined && Date.parse(nextRunAt) !== Date.parse(shown.nextRunAt)
}

function toMessage({ runStartTimeout = 0 }: NewJob): MessageTarget {
  const startTimeout = runStartTimeout === 0 ? {} : { startTimeout: ms(Math.max(1_000, runStartTimeout)) }
  return { protocol: 'simple-scheduler', ...startTimeout }
}

/** A single moment that has passed is now: there it ran at once. */
function toSchedule({ nextRunAt, interval = 0 }: NewJob, now: number): ScheduleSpec {
  if (interval > 0) return { every: ms(interval), anchor: nextRunAt, from: nextRunAt }
  const at = Date.parse(nextRunAt)
  return { at: at < now ? new Date(now).toISOString() : nextRunAt }
}

function toPolicy(sent: NewJob): PolicySpec {
  const { runExecutionTimeout = 0, heartbeatTimeout = 0, maxQueueCount = 0, allowConcurrentRuns } = sent
  const max = maxQueueCount === 0 ? QUEUE_DEFAULT : maxQueueCount
  return {
    overlap: { mode: allowConcurrentRuns === true ? 'allow' : 'queue', max },
    // What was missed is made up for once, also while it was not enabled.
    catchUp: 'latest',
    onResume: 'latest',
    timeout: ms(runExecutionTimeout),
    ...(heartbeatTimeout === 0 ? {} : { heartbeatTimeout: ms(Math.max(HEARTBEAT_MIN_MS, heartbeatTimeout)) }),
  }
}

function ms(value: number): string {
  return `${value}ms`
}
