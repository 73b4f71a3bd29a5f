// A job of Simple Scheduler as one of ours: a moment or a distance, and a message to its workers.

import type { JobDraft } from '../../../commands/job-draft.ts'
import type { PolicySpec } from '../../../domain/policy.ts'
import type { ScheduleSpec } from '../../../domain/schedule/schedule.ts'
import type { NewJob } from './wire.ts'

/** Marks the jobs of this door among others of their project. */
export const DOOR_LABEL = { door: 'simple-scheduler' } as const

const QUEUE_DEFAULT = 100
/** Less than this a worker can hardly keep. */
const HEARTBEAT_MIN_MS = 1_000

export function toJob(sent: NewJob, project: string, now: number): JobDraft {
  const { runStartTimeout = 0 } = sent
  const startTimeout = runStartTimeout === 0 ? {} : { startTimeout: ms(Math.max(1_000, runStartTimeout)) }
  return {
    name: sent.name,
    project,
    labels: DOOR_LABEL,
    schedule: toSchedule(sent, now),
    target: { message: { protocol: 'simple-scheduler', ...startTimeout } },
    policy: toPolicy(sent),
  }
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
