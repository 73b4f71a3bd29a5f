// From what is true inside to what goes over the wire: instants as text, what is absent as null.

import type { RunWithAll } from '../../../commands/get-run.ts'
import type { ApiKey } from '../../../domain/api-key.ts'
import type { Attempt } from '../../../domain/attempt.ts'
import type { Delivery, Effect } from '../../../domain/effect.ts'
import type { Gap } from '../../../domain/gap.ts'
import { timeUp } from '../../../domain/handed-over.ts'
import type { Job, JobSpec, JobVersion } from '../../../domain/job.ts'
import type { Project } from '../../../domain/project.ts'
import type { Run } from '../../../domain/run.ts'
import { runDocument } from '../../../domain/run-document.ts'
import type { RunPart } from '../../../domain/run-part.ts'
import type * as callback from '../../../protocol/callback.ts'
import type * as job from '../../../protocol/job.ts'
import type * as key from '../../../protocol/key.ts'
import type * as ledger from '../../../protocol/ledger.ts'
import type * as project from '../../../protocol/project.ts'
import type * as run from '../../../protocol/run.ts'

export function iso(at: number): string {
  return new Date(at).toISOString()
}

export function isoOrNull(at: number | null): string | null {
  return at === null ? null : iso(at)
}

/** The part a caller may write. Stored exactly as it was sent, so its wire form is itself. */
export function presentSpec(spec: JobSpec): Pick<job.Job, keyof JobSpec> {
  const { name, description, labels, schedule, target, policy, callback } = spec
  return { name, description, labels, schedule, target, policy, callback } as Pick<job.Job, keyof JobSpec>
}

export function presentJob(stored: Job): job.Job {
  const { id, version, projectId, status, pause } = stored
  return {
    id,
    version,
    projectId,
    ...presentSpec(stored.spec),
    status,
    pause: pause === null ? null : { ...pause, at: iso(pause.at), until: isoOrNull(pause.until) },
    nextDueAt: isoOrNull(stored.nextDueAt),
    createdAt: iso(stored.createdAt),
    updatedAt: iso(stored.updatedAt),
  }
}

export function presentVersion({ version, spec, createdAt, createdBy }: JobVersion): job.JobVersion {
  return { version, ...presentSpec(spec), createdAt: iso(createdAt), createdBy }
}

export function presentRun(stored: Run): run.Run {
  return runDocument(stored)
}

type AttemptSaid = RunWithAll['told'] extends ReadonlyMap<number, infer Said> ? Said : never

export function presentAttempt(attempt: Attempt, told: AttemptSaid | undefined): run.Attempt {
  const { number, part, cause, fence, nodeId, agent, outcome, detail, late } = attempt
  return {
    number,
    part,
    cause,
    fence,
    nodeId,
    agent,
    startedAt: iso(attempt.startedAt),
    endedAt: isoOrNull(attempt.endedAt),
    outcome,
    message: messageOf(detail),
    errorCode: detail?.kind === 'error' ? detail.code : null,
    response: presentResponse(detail !== null && 'response' in detail ? detail.response : undefined),
    timing:
      detail !== null && 'timing' in detail && detail.timing !== undefined ? { ...detail.timing } : null,
    process:
      detail !== null && 'process' in detail && detail.process !== undefined ? { ...detail.process } : null,
    told: attempt.endedAt !== null || told === undefined ? null : presentTold(told),
    late: late === null ? null : { at: iso(late.at), outcome: late.outcome, message: messageOf(late.detail) },
  }
}

function presentTold({ at, progress, message, endsBy }: AttemptSaid): run.Attempt['told'] {
  return { at: iso(at), progress, message, endsBy: isoOrNull(endsBy) }
}

export function presentOutside({
  work,
  acceptedAt,
  endsBy,
  told,
}: RunWithAll['outside'] & {}): run.RunOutside {
  const handed = { spec: work.spec, startedAt: work.attempt.startedAt, acceptedAt, endsBy }
  return {
    acceptedAt: isoOrNull(acceptedAt),
    endsAt: isoOrNull(timeUp(handed)),
    heardAt: isoOrNull(told?.at ?? null),
    progress: told?.progress ?? null,
    message: told?.message ?? null,
  }
}

export function presentPart({ index, agent, status, attempt, message, endedAt }: RunPart): run.RunPart {
  return { index, agent, status, attempt, message, endedAt: isoOrNull(endedAt) }
}

function messageOf(detail: Attempt['detail']): string | null {
  return detail !== null && 'message' in detail ? detail.message : null
}

type StoredResponse = Extract<NonNullable<Attempt['detail']>, { kind: 'ok' }>['response']

function presentResponse(response: StoredResponse): run.Attempt['response'] {
  return response === undefined ? null : { ...response, headers: { ...response.headers } }
}

export function presentGap(gap: Gap): ledger.Gap {
  return { ...gap, from: iso(gap.from), to: iso(gap.to), createdAt: iso(gap.createdAt) }
}

export function presentProject({ createdAt, updatedAt, ...project }: Project): project.Project {
  const { id, version, name, description, keep, quotas } = project
  const { policy, allow, deny } = project.targets
  const targets = {
    ...(policy === undefined ? {} : { policy }),
    ...(allow === undefined ? {} : { allow: [...allow] }),
    ...(deny === undefined ? {} : { deny: [...deny] }),
  }
  const times = { createdAt: iso(createdAt), updatedAt: iso(updatedAt) }
  return { id, version, name, description, keep, targets, quotas, ...times }
}

/** Never the hash: what is stored to recognise a key stays in the store. */
export function presentKey({ id, name, hint, scopes, projectIds, previous, ...at }: ApiKey): key.Key {
  return {
    id,
    name,
    hint,
    scopes: [...scopes],
    projectIds: projectIds === null ? null : [...projectIds],
    createdAt: iso(at.createdAt),
    expiresAt: isoOrNull(at.expiresAt),
    lastUsedAt: isoOrNull(at.lastUsedAt),
    revokedAt: isoOrNull(at.revokedAt),
    previousUntil: previous === null ? null : iso(previous.until),
  }
}

export function presentEffect(effect: Effect): callback.CallbackDelivery {
  const { id, projectId, jobId, runId, status, tries } = effect
  return {
    id,
    projectId,
    jobId,
    runId,
    url: effect.callback.url,
    status,
    tries,
    nextTryAt: isoOrNull(effect.nextTryAt),
    createdAt: iso(effect.createdAt),
    endedAt: isoOrNull(effect.endedAt),
  }
}

export function presentDelivery({
  number,
  startedAt,
  endedAt,
  ok,
  status,
  message,
}: Delivery): callback.CallbackTry {
  return { number, startedAt: iso(startedAt), endedAt: iso(endedAt), ok, status, message }
}
