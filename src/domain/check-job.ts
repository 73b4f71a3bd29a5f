// Does a job make sense? Shapes were checked at the door; here it is meaning. All problems at once.

import { utf8Length } from './check-bounds.ts'
import { checkCallback } from './check-callback.ts'
import { checkLabels } from './check-labels.ts'
import { checkPolicy } from './check-policy.ts'
import { checkTarget } from './check-target.ts'
import { parseDuration } from './duration.ts'
import { AppError, Problems } from './errors.ts'
import type { JobSpec } from './job.ts'
import { jobWarnings } from './job-warnings.ts'
import { SIMPLE_NAME_BYTES_MAX } from './message-target.ts'
import { ON_TIME_MS } from './plan.ts'
import {
  compileSchedule,
  type Schedule,
  type ScheduleSpec,
  type ScheduleWarning,
} from './schedule/schedule.ts'
import { checkInterpreter } from './script.ts'
import { checkSecretPlaces } from './secret.ts'
import type { CallAuth } from './target.ts'

export const JOB_LIMITS = {
  nameMax: 200,
  descriptionMax: 2_000,
  labelsMax: 50,
} as const

export type Warning = ScheduleWarning

export type CheckedJob = {
  readonly schedule: Schedule | null
  readonly warnings: readonly Warning[]
  readonly problems: Problems
}

/** `mayCall` answers from the text of a url alone; names are checked again when they resolve. */
export type JobRules = {
  readonly mayCall: (url: string) => boolean
  readonly mayCallHint: string
  readonly now: number
  readonly limits: { readonly interpreters: readonly string[] }
  /** Can calls show tokens of this server? */
  readonly makesTokens: boolean
}

type Seed = { readonly id: string; readonly createdAt: number }

export function checkJob(spec: JobSpec, seed: Seed, rules: JobRules): CheckedJob {
  return checkParts(spec, seed, rules)
}

/** The same for what there is of a job: where a part cannot be read, the others still have their say. */
export function checkParts(spec: Partial<JobSpec>, seed: Seed, rules: JobRules): CheckedJob {
  const problems = new Problems()
  if (spec.name !== undefined) checkName(spec.name, problems)
  if (spec.labels !== undefined) checkLabels(spec.labels, problems, '/labels', JOB_LIMITS.labelsMax)
  const schedule =
    spec.schedule === undefined ? null : checkSchedule(spec.schedule, seed, rules.now, problems)
  if (spec.target !== undefined) {
    checkTarget(spec.target, problems, '/target')
    if (spec.target.http !== undefined)
      refuseForbidden(spec.target.http.url, '/target/http/url', rules, problems)
    refuseTokens(spec.target.http?.auth, '/target/http/auth', rules, problems)
    refuseInterpreter(spec.target.script?.interpreter, rules, problems)
  }
  refuseNameOnBus(spec, problems)
  if (spec.policy !== undefined) checkPolicy(spec.policy, problems, '/policy')
  refuseEndlessCall(spec, problems)
  checkSecretPlaces(spec, problems)
  if (spec.callback !== undefined && spec.callback !== null) {
    checkCallback(spec.callback, problems, '/callback')
    refuseForbidden(spec.callback.url, '/callback/url', rules, problems)
    refuseTokens(spec.callback.auth, '/callback/auth', rules, problems)
  }
  return { schedule, warnings: [...(schedule?.warnings(rules.now) ?? []), ...jobWarnings(spec)], problems }
}

function checkName(name: string, problems: Problems): void {
  if (name.trim() === '') return problems.add('/name', 'name_empty', 'A job needs a name.')
  if (name.length > JOB_LIMITS.nameMax) {
    problems.add(
      '/name',
      'name_too_long',
      `A name has at most ${JOB_LIMITS.nameMax} characters, this one ${name.length}.`,
    )
  }
  if (name !== name.trim()) {
    problems.add('/name', 'name_spaces', 'A name starts and ends with something visible.', name.trim())
  }
  // Control characters, and the marks that reverse the direction of what follows them.
  if (/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(name)) {
    problems.add('/name', 'name_invalid', 'A name has no control or direction characters.')
  }
  if (name.includes('/')) {
    problems.add(
      '/name',
      'name_invalid',
      'A name has no "/": it stands in addresses.',
      name.replaceAll('/', '-'),
    )
  }
  if (/^job_[0-9A-HJKMNP-TV-Z]{26}$/i.test(name)) {
    problems.add('/name', 'name_invalid', 'A name must not look like a job id.')
  }
}

function refuseNameOnBus({ name, target }: Partial<JobSpec>, problems: Problems): void {
  if (name === undefined || target?.message?.protocol === undefined) return
  const bytes = utf8Length(name)
  if (bytes <= SIMPLE_NAME_BYTES_MAX) return
  problems.add(
    '/name',
    'name_too_long',
    `Exchanges and queues are named after this job, so its name has at most ${SIMPLE_NAME_BYTES_MAX} bytes, this one ${bytes}.`,
  )
}

function checkSchedule(spec: ScheduleSpec, seed: Seed, now: number, problems: Problems): Schedule | null {
  try {
    const schedule = compileSchedule(spec, { hashKey: seed.id, createdAt: seed.createdAt })
    if (schedule.kind === 'at') refusePast(schedule, now, problems)
    else if (schedule.kind !== 'manual' && schedule.next(now - 1) === null) {
      problems.add(
        '/schedule',
        'schedule_over',
        'This schedule has no due instant left: its last one has passed.',
      )
    }
    return schedule
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    problems.addAll('/schedule', error.problems)
    return null
  }
}

/** A moment ago is still on time: clocks differ and requests take a while. */
function refusePast(schedule: Schedule, now: number, problems: Problems): void {
  if (schedule.next(now - ON_TIME_MS) === null) {
    problems.add(
      '/schedule/at',
      'at_past',
      'This moment has passed. Give a future one, or create the job without a schedule and trigger it.',
    )
  }
}

/** No timeout is for what reports by itself; a connection that says nothing any more would hold its slot for ever. */
function refuseEndlessCall({ target, policy }: Partial<JobSpec>, problems: Problems): void {
  const endless = policy?.timeout !== undefined && parseDuration(policy.timeout) === 0
  if (!endless || target?.http === undefined || target.http.async === true) return
  problems.add(
    '/policy/timeout',
    'range',
    'A call that is answered at once needs a timeout from 1ms. Only commands, scripts and calls with "async": true may take for ever.',
  )
}

/** What is no name of an interpreter at all has been told already. */
function refuseInterpreter(interpreter: string | undefined, { limits }: JobRules, problems: Problems): void {
  const at = '/target/script/interpreter'
  if (interpreter === undefined || problems.list.some(({ pointer }) => pointer === at)) return
  checkInterpreter(interpreter, limits.interpreters, problems, at)
}

/** Its first run would fail. */
function refuseTokens(
  auth: CallAuth | undefined,
  pointer: string,
  { makesTokens }: JobRules,
  problems: Problems,
): void {
  if (auth === undefined || makesTokens) return
  problems.add(
    pointer,
    'tokens_unmade',
    'This server makes no tokens: it has to be told its public-url and, where servers share a store, secret-keys.',
  )
}

function refuseForbidden(url: string, pointer: string, rules: JobRules, problems: Problems): void {
  if (!rules.mayCall(url)) problems.add(pointer, 'target_forbidden', rules.mayCallHint)
}
