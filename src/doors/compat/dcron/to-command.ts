// A job of dcron as a job of ours. Its name is the job's name, the script's place stands in a label.

import type { JobDraft } from '../../../commands/job-draft.ts'
import { LABEL_LIMITS } from '../../../domain/check-labels.ts'
import type { ScriptTarget } from '../../../domain/command-target.ts'
import { AppError } from '../../../domain/errors.ts'
import type { Job } from '../../../domain/job.ts'
import { POLICY_LIMITS, type PolicySpec } from '../../../domain/policy.ts'
import { type ExecutionJobRequest, type JobRequest, ScriptType } from '../../../protocol/dcron.ts'
import { cronOf } from '../rust-cron.ts'

export const SYSTEM = 'dcron'
export const LOCATION_LABEL = 'dcron.location'
/** Marks the jobs of this door among others of their project. */
export const DOOR_LABEL = { door: SYSTEM } as const

export const PYTHON = 'python3'
export const RUBY = 'ruby'

/** Tries after one that took too long, on another worker where there is one. */
const RETRY_DELAYS = ['1s', '1s', '1s'] as const

type Sent = Pick<JobRequest, 'name' | 'jobType' | 'location' | 'timeout'> & { readonly time?: string }
type Place = { readonly project: string; readonly sha256: string }

/** Throws when it says something that no job can mean; before anything is read or stored. */
export function interpreterOf(sent: JobRequest | ExecutionJobRequest): string {
  const { jobType, location, timeout } = sent
  if (jobType !== ScriptType.PYTHON && jobType !== ScriptType.RUBY) {
    throw refusal('job_type', `${jobType} is no script type: PYTHON (0) or RUBY (1).`)
  }
  const secondsMax = POLICY_LIMITS.timeoutMaxMs / 1_000
  if (timeout < 0 || timeout > secondsMax) {
    throw refusal('timeout', `A timeout is from 0 (none) to ${secondsMax} seconds; ${timeout} is not.`)
  }
  if (location === '' || location.length > LABEL_LIMITS.valueMax) {
    throw refusal('location', `Where the script is has 1 to ${LABEL_LIMITS.valueMax} characters.`)
  }
  return jobType === ScriptType.RUBY ? RUBY : PYTHON
}

export function toDraft(sent: Sent, interpreter: string, { project, sha256 }: Place): JobDraft {
  return {
    name: sent.name,
    project,
    labels: { ...DOOR_LABEL, [LOCATION_LABEL]: sent.location },
    schedule: sent.time === undefined ? {} : cronOf(sent.time),
    target: { script: { sha256, interpreter } },
    policy: rulesOf(sent.timeout),
  }
}

/** Replaces what this system has words for; what the operator has set beside it stays. */
export function toChangedDraft(draft: JobDraft, { spec }: Job): JobDraft {
  const { timeout } = draft.policy ?? {}
  return {
    ...spec,
    ...draft,
    labels: { ...spec.labels, ...draft.labels },
    target: { script: { ...spec.target.script, ...draft.target.script } as ScriptTarget },
    policy: { ...spec.policy, ...(timeout === undefined ? {} : { timeout }) },
  }
}

/** The next execution waits for the end of the one before it; what falls due meanwhile is that one. */
function rulesOf(timeout: number): PolicySpec {
  return {
    overlap: { mode: 'queue', max: 1 },
    timeout: `${timeout}s`,
    retry: { delays: RETRY_DELAYS, on: ['timeout'] },
  }
}

function refusal(field: string, detail: string): AppError {
  return new AppError('invalid', detail, [{ pointer: `/${field}`, code: field, detail }])
}
