import { isDeepStrictEqual } from 'node:util'
import type { Principal } from '../domain/api-key.ts'
import { checkJob, type Warning } from '../domain/check-job.ts'
import { AppError, type Problem, Problems } from '../domain/errors.ts'
import type { Job, JobSpec } from '../domain/job.ts'
import { AgentsThere } from './agents-there.ts'
import { authorize } from './authorize.ts'
import { jobRules, specOf } from './build-job.ts'
import { BusPlaces, requireBusNames } from './bus-name.ts'
import { changeJob, refuseOtherVersion } from './change-job.ts'
import type { Context } from './context.ts'
import { nameTaken } from './create-job.ts'
import { editedJob, type Turn } from './edited-job.ts'
import { findJob, type JobRef } from './find-job.ts'
import { findProjectId } from './find-project.ts'
import type { JobDraft } from './job-draft.ts'
import { requireSecrets } from './secret/require-secrets.ts'

/** Replaces the definition. What was due until now is owed under the old one; runs keep the version they began with. `turn`: pauses or resumes it too. */
export async function updateJob(
  ctx: Context,
  who: Principal,
  ref: JobRef,
  draft: JobDraft,
  ifVersion: number | null,
  turn: Turn | null = null,
): Promise<{ job: Job; warnings: readonly Warning[] }> {
  if (turn !== null) authorize(who, turn.to === 'paused' ? 'job.pause' : 'job.resume')
  const { current, spec, warnings, problems } = await judgedEdit(ctx, who, ref, draft, ifVersion)
  if (problems.length > 0) throw new AppError('invalid', problems[0]!.detail, problems)
  const late = new Problems()
  using places = new BusPlaces(ctx, [{ projectId: current.projectId, spec, problems: late }])
  late.throwIfAny()

  const report = await changeJob(ctx, who, ref, {
    event: 'updated',
    action: 'job.update',
    decide: (due, now) => {
      refuseOtherVersion(due.job, ifVersion)
      return editedJob(due, spec, turn, now)
    },
  })
  if (report.nameTaken === true || report.job === null) throw nameTaken(spec.name)
  places.keep()
  return { job: report.job, warnings: [...warnings, ...(await new AgentsThere(ctx).warnings(report.job))] }
}

type JudgedEdit = {
  readonly current: Job
  readonly spec: JobSpec
  readonly warnings: readonly Warning[]
  readonly problems: readonly Problem[]
}

/** What the definition would be, and everything that is wrong with it. */
export async function judgedEdit(
  ctx: Context,
  who: Principal,
  ref: JobRef,
  draft: JobDraft,
  ifVersion: number | null,
): Promise<JudgedEdit> {
  authorize(who, 'job.update')
  const current = await findJob(ctx, who, ref)
  const { projectId } = current
  await refuseOtherProject(ctx, who, current, draft)
  refuseOtherVersion(current, ifVersion)
  const spec = specOf(draft)
  const sameSchedule = isDeepStrictEqual(spec.schedule, current.spec.schedule)
  const rules = await jobRules(ctx, projectId)
  const { warnings, problems } = checkJob(spec, current, { ...rules, now: ctx.clock.now() })
  await requireSecrets(ctx, [{ projectId, spec, problems }])
  await requireBusNames(ctx, [{ projectId, spec, problems }])
  // A one-time job whose moment has passed may still get another name or target.
  const list = problems.list.filter(
    ({ code }) => !(sameSchedule && (code === 'at_past' || code === 'schedule_over')),
  )
  return { current, spec, warnings, problems: list }
}

async function refuseOtherProject(ctx: Context, who: Principal, job: Job, draft: JobDraft): Promise<void> {
  if (draft.project === undefined) return
  if ((await findProjectId(ctx, who, draft.project)) === job.projectId) return
  const detail = 'A job stays in its project. Create it anew in the other one.'
  throw new AppError('invalid', detail, [{ pointer: '/project', code: 'immutable', detail }])
}
