// The answer to "why?": what the ledger says of one instant, in a sentence a person can pass on.

import type { Attempt } from './attempt.ts'
import { formatDuration } from './duration.ts'
import type { Gap } from './gap.ts'
import type { Job, JobSpec } from './job.ts'
import { resolvePolicy } from './policy.ts'
import { poolLabels } from './pool.ts'
import type { Quotas } from './quotas.ts'
import type { Reason, Run } from './run.ts'
import { spreadOf } from './run-part.ts'
import type { Schedule } from './schedule/schedule.ts'

export type Explanation = {
  readonly at: number
  /** Was (or is) something due at exactly this instant? */
  readonly due: boolean
  readonly answer: string
  readonly entry: Run | Gap | null
  readonly next: number | null
  readonly previous: number | null
  readonly facts: readonly { readonly label: string; readonly detail: string }[]
}

export type Question = {
  readonly job: Job
  readonly schedule: Schedule
  readonly at: number
  readonly now: number
  readonly entry: { readonly run: Run } | { readonly gap: Gap } | null
  readonly attempts: readonly Attempt[]
  /** Of its project. */
  readonly quotas: Quotas
}

const BECAUSE: Record<Reason, string> = {
  overlap: 'an earlier run of this job was still open and the overlap rule did not let another start',
  paused: 'the job was paused',
  calendar: 'a calendar excludes it',
  too_late: 'by the time it could start it was older than the rules allow',
  catch_up_limit:
    'it passed while nothing could ring it, and the catch-up rule admits no more runs than it did',
  quota: "the project's quota was used up",
  no_agent: 'no matching agent was there in time',
  superseded: 'a newer due instant took its place',
  job_deleted: 'the job was deleted before it could start',
}

export function explain(question: Question): Explanation {
  const { at, schedule, entry } = question
  const due = schedule.next(at - 1) === at
  return {
    at,
    due: due || entry !== null,
    answer: answerOf(question, due),
    entry: entry === null ? null : 'run' in entry ? entry.run : entry.gap,
    next: schedule.next(at),
    previous: schedule.previous(at),
    facts: factsOf(question),
  }
}

function answerOf(question: Question, due: boolean): string {
  const { entry, at, now, job } = question
  if (entry !== null && 'run' in entry) return ofRun(entry.run, question)
  if (entry !== null) return ofGap(entry.gap)
  if (!due) return notDue(question)
  if (at > job.plannedThrough) return ahead(question)
  if (at < job.createdAt) return 'The job did not exist yet.'
  return `It was due ${formatDuration(now - at)} ago, but the ledger no longer reaches back that far: retention has forgotten it.`
}

function ofRun(run: Run, { attempts, job: { spec }, quotas }: Question): string {
  const max = quotas.concurrency === undefined ? '' : ` (${quotas.concurrency})`
  const quotaToo = max === '' ? '' : `, or as many of its project as the quota \`concurrency\`${max} admits`
  const message = run.message === null ? '' : `: ${run.message}`
  // Of a run that several share each part has attempts of its own; how many there are in all says nothing.
  const isShared = spreadOf(spec.target) !== null
  const tries = attempts.length > 1 && !isShared ? ` after ${attempts.length} attempts` : ''
  const late = run.late ? ' It is a catch-up run: its moment passed while nothing could ring it.' : ''
  switch (run.status) {
    case 'pending':
      if (run.waitsForKey !== undefined)
        return `It waits: as many runs with the concurrency key "${run.waitsForKey}" as it admits are under way${quotaToo}.${late}`
      if (run.waitsForQuota !== undefined)
        return `It waits: as many runs of its project as the quota \`concurrency\`${max} admits are under way.${late}`
      return run.readyAt === null
        ? 'It waits for an earlier run of this job to end.'
        : `It waits${run.attempts === 0 ? waitsFor(spec) : ' for its next attempt'}${message}.${late}`
    case 'running':
    case 'cancelling':
      return `It is ${run.status}${run.attempts > 1 && !isShared ? `, attempt ${run.attempts}` : ''}.${late}`
    case 'skipped':
    case 'missed':
      return `It was ${run.status}: ${run.reason === null ? 'no reason was recorded' : BECAUSE[run.reason]}.`
    default:
      return `It ran and ${ENDED[run.status]}${tries}${message}.${late}`
  }
}

function waitsFor(spec: JobSpec): string {
  const wanted = poolLabels(spec)
  if (wanted === null) return ' for a free slot'
  const labels = Object.entries(wanted).map(([key, value]) => `${key}=${value}`)
  const which = labels.length === 0 ? 'an agent' : `an agent with ${labels.join(', ')}`
  const { queueTimeoutMs } = resolvePolicy(spec.policy)
  const patience =
    queueTimeoutMs === null ? 'for as long as it takes' : `for ${formatDuration(queueTimeoutMs)} at most`
  return ` for ${which} with a free slot, ${patience}`
}

const ENDED = {
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'was cancelled',
  unknown: 'its end is unknown',
} as const

function ofGap(gap: Gap): string {
  const others = gap.count === 1 ? 'It was' : `It is one of ${gap.count} due instants in a row that were`
  return `${others} ${gap.status}: ${BECAUSE[gap.reason]}.`
}

function notDue({ schedule, at, job }: Question): string {
  if (schedule.kind === 'manual') return 'This job has no schedule: it runs only when it is triggered.'
  const next = schedule.next(at)
  const previous = schedule.previous(at)
  const around = [
    previous === null ? null : `the one before was ${iso(previous)}`,
    next === null ? null : `the next is ${iso(next)}`,
  ].filter((text) => text !== null)
  const where = around.length === 0 ? '' : ` (${around.join(', ')})`
  return `${job.spec.name} was not due at that moment${where}. Its schedule: ${schedule.describe()}.`
}

function ahead({ at, now, job }: Question): string {
  if (job.status === 'paused')
    return 'The job is paused: this instant will be skipped unless the job is resumed before it.'
  if (job.status === 'finished') return 'The job has finished: its last run was planned before that moment.'
  return at > now
    ? `It is still to come, in ${formatDuration(at - now)}.`
    : 'It is due now and about to be planned.'
}

function factsOf({ job, schedule, attempts, entry }: Question): Explanation['facts'] {
  const facts = [
    { label: 'schedule', detail: schedule.describe() },
    { label: 'status', detail: job.pause?.note ? `${job.status}: ${job.pause.note}` : job.status },
  ]
  if (entry !== null && 'run' in entry && entry.run.startedAt !== null) {
    const lateMs = Math.max(0, entry.run.startedAt - entry.run.dueAt)
    facts.push({
      label: 'started',
      detail: `${iso(entry.run.startedAt)}, ${formatDuration(lateMs)} after it was due`,
    })
  }
  for (const attempt of attempts)
    facts.push({ label: `attempt ${attempt.number}`, detail: ofAttempt(attempt) })
  return facts
}

function ofAttempt(attempt: Attempt): string {
  const part =
    attempt.part === null
      ? ''
      : ` of part ${attempt.part}${attempt.agent === null ? '' : ` on ${attempt.agent}`}`
  const cause = `${part}${attempt.cause === 'first' ? '' : ` (because: ${attempt.cause.replaceAll('_', ' ')})`}`
  if (attempt.endedAt === null) return `under way since ${iso(attempt.startedAt)}${cause}`
  const took = formatDuration(Math.max(0, attempt.endedAt - attempt.startedAt))
  return `${attempt.outcome} after ${took}${cause}`
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
