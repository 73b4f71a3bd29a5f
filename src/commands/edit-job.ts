// Reads a job, changes what it read, and writes it, for doors whose clients send no version. What somebody else changed in
// between is not lost: then it is read and changed once more.

import type { Principal } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'
import type { Job } from '../domain/job.ts'
import type { Context } from './context.ts'
import type { Turn } from './edited-job.ts'
import type { JobDraft } from './job-draft.ts'
import { updateJob } from './update-job.ts'

/** Throws `version_conflict` when it was changed by others again and again. */
export async function editJob(
  ctx: Context,
  who: Principal,
  read: () => Promise<Job>,
  change: (job: Job) => JobDraft,
  turn: (job: Job) => Turn | null = () => null,
): Promise<Job> {
  const edit = async (): Promise<Job> => {
    const job = await read()
    return (await updateJob(ctx, who, { idOrName: job.id }, change(job), job.version, turn(job))).job
  }
  try {
    return await edit()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'version_conflict') throw error
    return edit()
  }
}
