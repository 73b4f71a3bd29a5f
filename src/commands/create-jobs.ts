// Many jobs in one request: all or none of them (`whole`), or each for itself (`each`).

import type { Principal } from '../domain/api-key.ts'
import type { Warning } from '../domain/check-job.ts'
import { AppError, type ErrorCode, type Problem, Problems } from '../domain/errors.ts'
import type { Job } from '../domain/job.ts'
import type { Once } from '../ports/store.ts'
import { AgentsThere } from './agents-there.ts'
import { type About, audited } from './audited.ts'
import { authorize } from './authorize.ts'
import { type BuiltJob, buildJob } from './build-job.ts'
import { BusPlaces, requireBusNames } from './bus-name.ts'
import type { Context } from './context.ts'
import { type CreatedJob, nameTaken } from './create-job.ts'
import { jobEvent } from './events.ts'
import { findProjectId } from './find-project.ts'
import { idempotent, type OnceMark } from './idempotent.ts'
import type { JobDraft } from './job-draft.ts'
import { jobsQuotaUsedUp } from './jobs-quota.ts'
import { requireSecrets } from './secret/require-secrets.ts'

export type RefusedJob = { readonly code: ErrorCode; readonly problems: readonly Problem[] }
export type BatchItem = CreatedJob | RefusedJob
type Batch = { readonly items: readonly BatchItem[] }

export async function createJobs(
  ctx: Context,
  who: Principal,
  drafts: readonly JobDraft[],
  mode: 'whole' | 'each',
  mark?: OnceMark,
): Promise<Batch & { replayed: boolean }> {
  authorize(who, 'job.create')
  refuseTooMany(ctx, drafts)
  const projects = await projectsOf(ctx, who, drafts)
  const act = async (once: (memo: Batch) => { once?: Once }): Promise<Batch> => {
    const built: BuiltJob[] = []
    // One moment for all: what is due every minute from its making on is due together, and leaves in one batch.
    const now = ctx.clock.now()
    for (const draft of drafts) built.push(await buildJob(ctx, draft, projects.get(draft.project), now))
    const asking = built.map(({ job: { projectId, spec }, problems }) => ({ projectId, spec, problems }))
    await requireSecrets(ctx, asking)
    await requireBusNames(ctx, asking)
    await refuseTakenNames(ctx, built)
    using places = new BusPlaces(ctx, asking)
    if (mode === 'whole') refuseAllIfAny(built)
    const good = built.filter(({ problems }) => !problems.any)
    const agents = new AgentsThere(ctx)
    const items: BatchItem[] = []
    for (const one of built) items.push(report(one, await agents.warnings(one.job)))
    const result: Batch = { items }
    const jobs = good.map(({ job }) => job)
    const added = await audited(ctx, who, 'job.create', aboutAll(jobs), () =>
      ctx.store.jobs.add(jobs, who.id, once(result).once),
    )
    // Taken between the look and the write: rare enough to let the caller send it again.
    if (added.kind === 'names_taken') throw nameTaken(jobs[added.positions[0] ?? 0]?.spec.name ?? '')
    if (added.kind === 'jobs_quota') throw jobsQuotaUsedUp(added.max)
    places.keep()
    ctx.events.publish(jobs.map((job) => jobEvent('created', job, job.createdAt)))
    ctx.nudge.planner()
    return result
  }
  return idempotent(ctx, who, mark, { act, recall: (memo: Batch) => memo })
}

/** A batch is one change; which jobs it made is in their first versions too. */
function aboutAll(jobs: readonly Job[]): About {
  const [first] = jobs
  const same = jobs.every(({ projectId }) => projectId === first?.projectId)
  return {
    projectId: same ? (first?.projectId ?? null) : null,
    subject: jobs.length === 1 ? (first?.id ?? null) : null,
    detail: { jobs: jobs.length, first: first?.id ?? null, last: jobs.at(-1)?.id ?? null },
  }
}

function refuseTooMany(ctx: Context, drafts: readonly JobDraft[]): void {
  const { batchJobsMax } = ctx.limits
  if (drafts.length <= batchJobsMax) return
  const detail = `A batch has at most ${batchJobsMax} jobs, this one ${drafts.length}. Send several.`
  throw new AppError('invalid', detail, [{ pointer: '/jobs', code: 'too_many', detail }])
}

async function projectsOf(
  ctx: Context,
  who: Principal,
  drafts: readonly JobDraft[],
): Promise<Map<string | undefined, string>> {
  const ids = new Map<string | undefined, string>()
  for (const { project } of drafts) {
    if (!ids.has(project)) ids.set(project, await findProjectId(ctx, who, project))
  }
  return ids
}

async function refuseTakenNames(ctx: Context, built: readonly BuiltJob[]): Promise<void> {
  const names = built.map(({ job }) => ({ projectId: job.projectId, name: job.spec.name }))
  const taken = new Set(await ctx.store.jobs.takenNames(names))
  const seen = new Set<string>()
  names.forEach(({ projectId, name }, position) => {
    const key = `${projectId}/${name}`
    const problems = built[position]!.problems
    if (taken.has(position)) problems.add('/name', 'name_taken', `A job named "${name}" exists already.`)
    else if (seen.has(key))
      problems.add('/name', 'name_taken', `The name "${name}" stands twice in this batch.`)
    seen.add(key)
  })
}

function refuseAllIfAny(built: readonly BuiltJob[]): void {
  const all = new Problems()
  built.forEach(({ problems }, position) => {
    all.addAll(`/jobs/${position}`, problems.list)
  })
  all.throwIfAny()
}

function report({ job, warnings, problems }: BuiltJob, more: readonly Warning[]): BatchItem {
  if (!problems.any) return { job, warnings: [...warnings, ...more] }
  const onlyName = problems.list.every(({ code }) => code === 'name_taken')
  return { code: onlyName ? 'name_taken' : 'invalid', problems: problems.list }
}
