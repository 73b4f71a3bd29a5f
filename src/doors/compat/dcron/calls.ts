// What clients of dcron call, each a command or two.

import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Context } from '../../../commands/context.ts'
import { createJob } from '../../../commands/create-job.ts'
import { deleteJob } from '../../../commands/delete-job.ts'
import { doorProjectId, knownDoorProjectId } from '../../../commands/door-project.ts'
import { editJob } from '../../../commands/edit-job.ts'
import type { Turn } from '../../../commands/edited-job.ts'
import { findJob } from '../../../commands/find-job.ts'
import type { JobDraft } from '../../../commands/job-draft.ts'
import { listRuns } from '../../../commands/list-runs.ts'
import { pauseJob } from '../../../commands/pause-job.ts'
import { scriptAt } from '../../../commands/script/script-at.ts'
import { triggerJob } from '../../../commands/trigger-job.ts'
import type { Principal } from '../../../domain/api-key.ts'
import { AppError } from '../../../domain/errors.ts'
import type { Job } from '../../../domain/job.ts'
import { OPEN_STATUSES } from '../../../domain/run.ts'
import {
  type DisableJobRequest,
  type DisableJobResponseSchema,
  ExecutionJobAck,
  type ExecutionJobRequest,
  type ExecutionJobResponseSchema,
  type JobRequest,
  type JobResponseSchema,
  type JobStatusRequest,
  type JobStatusResponseSchema,
} from '../../../protocol/dcron.ts'
import { executionsOf } from './executions.ts'
import { interpreterOf, LOCATION_LABEL, SYSTEM, toChangedDraft, toDraft } from './to-command.ts'
import { jobShown } from './to-legacy.ts'

/** Tells a job that a client has disabled from one that is paused for a while. */
export const DISABLED_NOTE = 'disabled by a client of dcron'

/** What fell due while it was disabled is not made up for. */
const ENABLED: Turn = { to: 'active', onResume: 'skip' }

/** A name that is there is refused, unless it is to be replaced or was disabled. */
export async function newJob(
  ctx: Context,
  who: Principal,
  sent: JobRequest,
): Promise<MessageInitShape<typeof JobResponseSchema>> {
  const interpreter = interpreterOf(sent)
  const project = await doorProjectId(ctx, who, SYSTEM)
  const { sha256 } = await scriptAt(ctx, who, { project, interpreter, location: sent.location })
  const draft = toDraft(sent, interpreter, { project, sha256 })
  try {
    await createJob(ctx, who, draft)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'name_taken') throw error
    const old = await findJob(ctx, who, { idOrName: sent.name, project })
    if (!isOurs(old, project) || !(sent.updateIfExists || isDisabled(old))) throw error
    const read = (): Promise<Job> => findJob(ctx, who, { idOrName: old.id })
    const change = (job: Job): JobDraft => toChangedDraft(draft, job)
    await editJob(ctx, who, read, change, (job) => (isDisabled(job) ? ENABLED : null))
  }
  return { name: sent.name }
}

export async function getJob(
  ctx: Context,
  who: Principal,
  { name }: JobStatusRequest,
): Promise<MessageInitShape<typeof JobStatusResponseSchema>> {
  const job = await activeJob(ctx, who, name)
  return jobShown(job, await executionsOf(ctx, who, job))
}

/** It is paused for good: what it did stays to be seen, and its operator can bring it back. */
export async function disableJob(
  ctx: Context,
  who: Principal,
  { name }: DisableJobRequest,
): Promise<MessageInitShape<typeof DisableJobResponseSchema>> {
  const job = await activeJob(ctx, who, name)
  const ref = { idOrName: job.id }
  // With no instant left there is nothing to pause.
  if (job.status === 'finished') await deleteJob(ctx, who, ref, null)
  else await pauseJob(ctx, who, ref, { note: DISABLED_NOTE })
  return {}
}

/** Now, besides its schedule. Refused while it is under way: the one who asks tries again later, as it did there. */
export async function executeJob(
  ctx: Context,
  who: Principal,
  sent: ExecutionJobRequest,
): Promise<MessageInitShape<typeof ExecutionJobResponseSchema>> {
  const job = await jobToExecute(ctx, who, sent)
  const open = { job: job.id, status: OPEN_STATUSES }
  const { items } = await listRuns(ctx, who, open, { limit: 1 })
  if (items.length > 0) return { status: ExecutionJobAck.REJECTED }
  // Of several at once all have come this far, and one goes on.
  const { run } = await triggerJob(ctx, who, { idOrName: job.id }, { onlyIdle: true })
  return { status: run.status === 'skipped' ? ExecutionJobAck.REJECTED : ExecutionJobAck.ACCEPTED }
}

/** The one of that name, when it is the same script; one without a schedule is made where there is none. */
async function jobToExecute(ctx: Context, who: Principal, sent: ExecutionJobRequest): Promise<Job> {
  const interpreter = interpreterOf(sent)
  const project = await doorProjectId(ctx, who, SYSTEM)
  const { name, location } = sent
  const known = async (): Promise<Job | null> => {
    const job = await findActive(ctx, who, name, project)
    if (job === null) return null
    const { interpreter: its } = job.spec.target.script ?? {}
    if (job.spec.labels[LOCATION_LABEL] === location && its === interpreter) return job
    throw new AppError('name_taken', `The job "${name}" has another script. Change it with NewJob first.`)
  }
  const there = await known()
  if (there !== null) return there
  const { sha256 } = await scriptAt(ctx, who, { project, interpreter, location })
  try {
    return (await createJob(ctx, who, toDraft(sent, interpreter, { project, sha256 }))).job
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'name_taken') throw error
    // Somebody else has just made it.
    const made = await known()
    if (made === null) throw error
    return made
  }
}

async function activeJob(ctx: Context, who: Principal, name: string): Promise<Job> {
  const project = await knownDoorProjectId(ctx, who, SYSTEM)
  const job = project === null ? null : await findActive(ctx, who, name, project)
  if (job === null) throw new AppError('not_found', `There is no active job "${name.slice(0, 100)}".`)
  return job
}

/** Only what came in by this door; null: there is none, or it was disabled. */
async function findActive(ctx: Context, who: Principal, name: string, project: string): Promise<Job | null> {
  try {
    const job = await findJob(ctx, who, { idOrName: name, project })
    return isOurs(job, project) && !isDisabled(job) ? job : null
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return null
    throw error
  }
}

function isOurs({ spec, projectId }: Job, project: string): boolean {
  return spec.labels.door === SYSTEM && projectId === project
}

function isDisabled({ status, pause }: Job): boolean {
  return status === 'paused' && pause?.note === DISABLED_NOTE
}
