// The environment a command starts with: a few harmless variables of the agent's own, what the job names, and which run this
// is. Nothing else of the agent's gets through, so neither do its credentials.

import type { Work } from '../../ports/store.ts'
import { dueAtText, traceParent } from '../run-headers.ts'
import type { SystemUser } from './find-user.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const PASSED_ON = /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_[A-Z]+|TZ|SystemRoot|ComSpec|PATHEXT)$/
const PATH_DEFAULT = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export function processEnvironment(
  around: Environment,
  own: Readonly<Record<string, string>>,
  work: Work,
  at: { readonly scratch: string; readonly user: SystemUser | null },
): Record<string, string> {
  const passed = Object.entries(around).filter(([name, value]) => PASSED_ON.test(name) && value !== undefined)
  return {
    PATH: PATH_DEFAULT,
    ...(Object.fromEntries(passed) as Record<string, string>),
    ...userEnvironment(at.user),
    TMPDIR: at.scratch,
    ...own,
    ...runEnvironment(work),
  }
}

function userEnvironment(user: SystemUser | null): Record<string, string> {
  if (user === null) return {}
  return { HOME: user.home, USER: user.name, LOGNAME: user.name, SHELL: user.shell }
}

function runEnvironment({ run, spec, attempt, part }: Work): Record<string, string> {
  return {
    CARILLON_RUN_ID: run.id,
    CARILLON_JOB_ID: run.jobId,
    CARILLON_JOB_NAME: spec.name,
    CARILLON_ATTEMPT: String(attempt.number),
    CARILLON_FENCE: String(run.fence),
    CARILLON_DUE_AT: dueAtText(run.dueAt),
    CARILLON_TRIGGER: run.trigger,
    CARILLON_LATE: String(run.late),
    CARILLON_INDEX: String(part?.index ?? 0),
    CARILLON_TOTAL: String(part?.total ?? 1),
    TRACEPARENT: traceParent(run.id, attempt.number),
  }
}
