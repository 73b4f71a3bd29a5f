// The addresses of schedule-rs: /schedule as its document has them, /api/schedules as its program had them.

import { createJob } from '../../../commands/create-job.ts'
import { deleteJob } from '../../../commands/delete-job.ts'
import { doorProjectId, knownDoorProjectId } from '../../../commands/door-project.ts'
import { editJob } from '../../../commands/edit-job.ts'
import { findJob } from '../../../commands/find-job.ts'
import type { JobDraft } from '../../../commands/job-draft.ts'
import { listJobs } from '../../../commands/list-jobs.ts'
import { lastRuns } from '../../../commands/recent-runs.ts'
import { AppError } from '../../../domain/errors.ts'
import type { Job } from '../../../domain/job.ts'
import { RUN_STATUSES, type Run } from '../../../domain/run.ts'
import type { Answer } from '../../http/endpoint.ts'
import { invalid } from '../../http/http-problem.ts'
import type { CompatAsk, CompatDoor, CompatRoute } from '../compat-door.ts'
import { uuidOf } from '../uuid.ts'
import { DOOR_LABEL, toCallback, toChangedJob, toJob } from './to-command.ts'
import { documentedSchedule, programSchedule, sentAs } from './to-legacy.ts'
import { CallbackChange, ChangedSchedule, NewSchedule } from './wire.ts'

/** Rows of one answer, and rows that may be passed over before it. */
export const SCHEDULE_RS_LIMITS = { pageMax: 1_000, pageDefault: 50, afterMax: 100_000 } as const

const SYSTEM = 'schedule-rs'
/** What was skipped says nothing about how it went. */
const TELLING = RUN_STATUSES.filter((status) => status !== 'skipped')

/** A history is kept for a day at least. */
const HISTORY_MIN_MS = 86_400_000

/** `last`: its last run that tells something. */
type Show = (job: Job, last: Run | null) => Record<string, unknown>

export const scheduleRsDoor: CompatDoor = {
  system: SYSTEM,
  routes: [
    ...routesBelow('/schedule', documentedSchedule, SCHEDULE_RS_LIMITS.pageMax),
    ...routesBelow('/api/schedules', programSchedule, SCHEDULE_RS_LIMITS.pageDefault),
  ],
  // Its refusals were plain text. What a body lacks was a 400 there.
  refuse: ({ status, detail, code }) => ({
    status: status === 422 || status === 415 ? 400 : status,
    contentType: 'text/plain; charset=utf-8',
    body: code === 'not_found' ? 'Schedule not found' : detail,
  }),
}

function routesBelow(path: string, show: Show, pageDefault: number): CompatRoute[] {
  return [
    {
      method: 'POST',
      path,
      action: 'job.create',
      body: NewSchedule,
      handle: (ask: CompatAsk<NewSchedule>) => create(ask, show),
    },
    { method: 'GET', path, action: 'job.read', handle: (ask) => list(ask, show, pageDefault) },
    {
      method: 'GET',
      path: `${path}/{id}`,
      action: 'job.read',
      handle: async (ask) => answer(ask, await jobOf(ask), show),
    },
    {
      method: 'PUT',
      path: `${path}/{id}`,
      action: 'job.update',
      body: ChangedSchedule,
      handle: (ask: CompatAsk<ChangedSchedule>) => replace(ask, show),
    },
    {
      method: 'DELETE',
      path: `${path}/{id}`,
      action: 'job.delete',
      handle: async (ask) => {
        await deleteJob(ask.ctx, ask.who, { idOrName: (await jobOf(ask)).id }, null)
        return { status: 204 }
      },
    },
    {
      method: 'PUT',
      path: `${path}/{id}/callback`,
      action: 'job.update',
      body: CallbackChange,
      handle: (ask: CompatAsk<CallbackChange>) => setCallback(ask, show),
    },
  ]
}

/** An id that is there already is replaced, as it was there. */
async function create(ask: CompatAsk<NewSchedule>, show: Show): Promise<Answer> {
  const { ctx, who, body } = ask
  const project = await doorProjectId(ctx, who, SYSTEM)
  const draft = toJob(body, { id: body.id ?? uuidOf(ctx.chance.hex(16)), project }, null)
  try {
    const { job } = await createJob(ctx, who, draft)
    // It has not rung yet: nobody needs to look.
    return { status: 200, body: show(job, null) }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'name_taken') throw error
    // Whoever else has the name keeps it.
    if (!isOurs(await findJob(ctx, who, { idOrName: draft.name, project }))) throw error
    const read = (): Promise<Job> => jobOf(ask, draft.name)
    return answer(ask, await editJob(ctx, who, read, (job) => toChangedJob(body, job, null)), show)
  }
}

async function replace(ask: CompatAsk<ChangedSchedule>, show: Show): Promise<Answer> {
  const { ctx, who, body } = ask
  const change = (job: Job): JobDraft => toChangedJob(body, job, job.spec.callback)
  return answer(ask, await editJob(ctx, who, () => jobOf(ask), change), show)
}

async function setCallback(ask: CompatAsk<CallbackChange>, show: Show): Promise<Answer> {
  const { ctx, who, body } = ask
  const change = (job: Job): JobDraft => {
    const callback = body.callback === null ? null : toCallback(body.callback, sentAs(job), job.spec.name)
    return { ...job.spec, callback }
  }
  return answer(ask, await editJob(ctx, who, () => jobOf(ask), change), show)
}

/** `page` is the number of rows, `after` how many come before them. */
async function list(ask: CompatAsk, show: Show, pageDefault: number): Promise<Answer> {
  const { ctx, who, query } = ask
  const { pageMax, afterMax } = SCHEDULE_RS_LIMITS
  const after = numberOf(query, 'after', 0, afterMax)
  const count = numberOf(query, 'page', pageDefault, pageMax)
  const project = await knownDoorProjectId(ctx, who, SYSTEM)
  if (project === null) return { status: 200, body: [] }
  const jobs: Job[] = []
  let toSkip = after
  let cursor: string | null | undefined
  while (jobs.length < count && cursor !== null) {
    const limit = Math.min(ctx.limits.pageMax, toSkip + count - jobs.length)
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) }
    const { items, nextCursor } = await listJobs(ctx, who, { project, labels: DOOR_LABEL }, page)
    jobs.push(...items.slice(toSkip).filter(isOurs))
    toSkip = Math.max(0, toSkip - items.length)
    cursor = nextCursor
  }
  return { status: 200, body: await shown(ask, jobs, show) }
}

async function shown({ ctx, who }: CompatAsk, jobs: readonly Job[], show: Show): Promise<object[]> {
  const ids = jobs.map(({ id }) => id)
  const last = await lastRuns(ctx, who, ids, { statuses: TELLING })
  const now = ctx.clock.now()
  return jobs.flatMap((job, nth) =>
    isPurged(job, last[nth] ?? null, now) ? [] : [show(job, last[nth] ?? null)],
  )
}

/** What rang once is there until its history is forgotten, as it was there. Ours keep their definition. */
function isPurged({ status, spec }: Job, last: Run | null, now: number): boolean {
  const { at } = spec.schedule
  return status === 'finished' && at !== undefined && last === null && now - Date.parse(at) >= HISTORY_MIN_MS
}

function numberOf(query: URLSearchParams, name: string, preset: number, max: number): number {
  const text = query.get(name)
  if (text === null) return preset
  if (/^\d{1,6}$/.test(text) && Number(text) <= max) return Number(text)
  const detail = `"${name}" is a whole number from 0 to ${max}.`
  throw invalid([{ pointer: `?${name}`, code: 'range', detail }])
}

/** Only what came in by this door: another's job may be something this system has no words for. */
async function jobOf({ ctx, who, params }: CompatAsk, id = params.id!): Promise<Job> {
  const project = await knownDoorProjectId(ctx, who, SYSTEM)
  const job = project === null ? null : await findJob(ctx, who, { idOrName: id, project })
  if (job !== null && isOurs(job)) return job
  throw new AppError('not_found', 'Schedule not found')
}

function isOurs({ spec }: Job): boolean {
  return spec.labels.door === SYSTEM && spec.target.http !== undefined
}

async function answer(ask: CompatAsk, job: Job, show: Show): Promise<Answer> {
  const [body] = await shown(ask, [job], show)
  if (body === undefined) throw new AppError('not_found', 'Schedule not found')
  return { status: 200, body }
}
