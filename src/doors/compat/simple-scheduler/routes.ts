// The addresses of Simple Scheduler: jobs, runs, and a cancelling that is a GET.

import { unbegunRuns } from '../../../commands/begun-runs.ts'
import { cancelRun } from '../../../commands/cancel-run.ts'
import { createJob } from '../../../commands/create-job.ts'
import { deleteJob } from '../../../commands/delete-job.ts'
import { doorProjectId, knownDoorProjectId } from '../../../commands/door-project.ts'
import { editJob } from '../../../commands/edit-job.ts'
import type { Turn } from '../../../commands/edited-job.ts'
import { findJob } from '../../../commands/find-job.ts'
import { findRun } from '../../../commands/get-run.ts'
import { listJobs } from '../../../commands/list-jobs.ts'
import { listRuns, type RunQuery } from '../../../commands/list-runs.ts'
import { pauseJob } from '../../../commands/pause-job.ts'
import { resumeJob } from '../../../commands/resume-job.ts'
import { runsOfJobs } from '../../../commands/runs-of-jobs.ts'
import { type Action, ruleOf } from '../../../domain/actions.ts'
import { AppError } from '../../../domain/errors.ts'
import type { Job, JobSpec } from '../../../domain/job.ts'
import type { Run } from '../../../domain/run.ts'
import type { ProblemDocument } from '../../../protocol/problem.ts'
import type { Answer } from '../../http/endpoint.ts'
import { invalid } from '../../http/http-problem.ts'
import type { CompatAsk, CompatDoor } from '../compat-door.ts'
import { DOOR_LABEL, movesStart, toChangedJob, toJob } from './to-command.ts'
import {
  SIMPLE_STATUSES,
  type SimpleRun,
  type SimpleStatus,
  simpleJob,
  simpleRun,
  statusesOf,
} from './to-legacy.ts'
import { ChangedJob, NewJob } from './wire.ts'

/** There were no pages: so many of the newest are shown. */
export const SIMPLE_LIMITS = { jobsMax: 10_000, runsMax: 1_000 } as const

const SYSTEM = 'simple-scheduler'
const NONE = { status: 204 }

export const simpleSchedulerDoor: CompatDoor = {
  system: SYSTEM,
  routes: [
    { method: 'GET', path: '/api/status', action: 'health.read', handle: () => json({ status: 'OK' }) },
    { method: 'GET', path: '/api/jobs', action: 'job.read', handle: listed },
    { method: 'POST', path: '/api/jobs', action: 'job.create', body: NewJob, handle: create },
    {
      method: 'GET',
      path: '/api/jobs/{name}',
      action: 'job.read',
      handle: async (ask) => json(simpleJob(await jobOf(ask))),
    },
    { method: 'PATCH', path: '/api/jobs/{name}', action: 'job.update', body: ChangedJob, handle: change },
    { method: 'DELETE', path: '/api/jobs/{name}', action: 'job.delete', handle: remove },
    { method: 'GET', path: '/api/runs', action: 'run.read', handle: listedRuns },
    { method: 'GET', path: '/api/runs/{id}', action: 'run.read', handle: oneRun },
    { method: 'GET', path: '/api/runs/{id}/cancel', action: 'run.cancel', handle: cancel },
  ],
  refuse,
}

function json(body: unknown, status = 200): Answer {
  return { status, body }
}

async function listed(ask: CompatAsk): Promise<Answer> {
  const { ctx, who } = ask
  const project = await knownDoorProjectId(ctx, who, SYSTEM)
  if (project === null) return json(orNull([]))
  const jobs: Job[] = []
  let cursor: string | null | undefined
  while (jobs.length < SIMPLE_LIMITS.jobsMax && cursor !== null) {
    const page = { limit: ctx.limits.pageMax, ...(cursor === undefined ? {} : { cursor }) }
    const { items, nextCursor } = await listJobs(ctx, who, { project, labels: DOOR_LABEL }, page)
    jobs.push(...items.filter(isOurs))
    cursor = nextCursor
  }
  return json(orNull(jobs.map(simpleJob)))
}

async function create({ ctx, who, body }: CompatAsk<NewJob>): Promise<Answer> {
  const project = await doorProjectId(ctx, who, SYSTEM)
  const draft = toJob(body, project, ctx.clock.now())
  const { job } = await createJob(ctx, who, draft, undefined, body.enabled === false)
  return json({ name: job.spec.name }, 201)
}

async function change(ask: CompatAsk<ChangedJob>): Promise<Answer> {
  const { ctx, who, body } = ask
  const { enabled, ...changed } = body
  const now = ctx.clock.now()
  if (Object.keys(changed).length > 0) {
    const read = (): Promise<Job> => jobOf(ask)
    await editJob(
      ctx,
      who,
      read,
      (job) => toChangedJob(job, changed, now),
      (job) => turnOf(ask, job),
    )
    return NONE
  }
  const job = await jobOf(ask)
  if (enabled === false && job.status === 'active') await pauseJob(ctx, who, { idOrName: job.id }, {})
  if (enabled === true && job.status === 'paused') await resumeJob(ctx, who, { idOrName: job.id }, {})
  return NONE
}

/** In one step with the change, so that nothing rings in between. Another next run takes the place of what was missed. */
function turnOf({ who, body }: CompatAsk<ChangedJob>, job: Job): Turn | null {
  if (body.enabled === undefined) return null
  if (!body.enabled) return { to: 'paused', by: who.name }
  return { to: 'active', ...(movesStart(simpleJob(job), body) ? { onResume: 'skip' } : {}) }
}

/** What is not there is as it was wished. */
async function remove(ask: CompatAsk): Promise<Answer> {
  try {
    await deleteJob(ask.ctx, ask.who, { idOrName: (await jobOf(ask)).id }, null)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'not_found') throw error
  }
  return NONE
}

async function listedRuns(ask: CompatAsk): Promise<Answer> {
  const { ctx, who, query } = ask
  const jobName = either(query, 'JobName')
  const status = statusIn(query)
  const createdBefore = timeIn(query, 'CreatedBefore')
  const startedBefore = timeIn(query, 'StartedBefore')
  timeIn(query, 'HeartbeatBefore')
  const project = await knownDoorProjectId(ctx, who, SYSTEM)
  if (project === null) return json(orNull([]))
  const wanted: RunQuery = {
    project,
    ...(jobName === null ? {} : { job: jobName }),
    ...(status === null ? {} : { status: statusesOf(status) }),
    ...(createdBefore === null ? {} : { to: createdBefore }),
  }
  const found: SimpleRun[] = []
  let cursor: string | null | undefined
  for (let looked = 0; looked < SIMPLE_LIMITS.runsMax && cursor !== null; ) {
    const page = { limit: ctx.limits.pageMax, ...(cursor === undefined ? {} : { cursor }) }
    const { items, nextCursor } = await runsOf(ask, wanted, page)
    const shown = await simpleRuns(ask, await runsOfJobs(ctx, who, items, isOurSpec))
    found.push(
      ...shown.filter((run) => {
        if (status !== null && run.status !== status) return false
        return startedBefore === null || Date.parse(run.startTime) < startedBefore
      }),
    )
    looked += items.length
    cursor = nextCursor
  }
  return json(orNull(found))
}

/** Runs of a job that is not there are none. */
async function runsOf({ ctx, who }: CompatAsk, wanted: RunQuery, page: { limit: number; cursor?: string }) {
  try {
    return await listRuns(ctx, who, wanted, page)
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return { items: [], nextCursor: null }
    throw error
  }
}

async function oneRun(ask: CompatAsk): Promise<Answer> {
  const [run] = await simpleRuns(ask, [await runOf(ask)])
  return json(run)
}

async function cancel(ask: CompatAsk): Promise<Answer> {
  const { ctx, who, request } = ask
  // A browser follows a GET that any page names, and sends its cookie along.
  if (request.visit != null) throw new AppError('forbidden', 'Send a key: Authorization: Bearer <key>.')
  const run = await runOf(ask)
  try {
    await cancelRun(ctx, who, run.id)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'run_final') throw error
    const [shown] = await simpleRuns(ask, [await runOf(ask)])
    if (shown?.status !== 'cancelled') return json({ error: 'Run already finished' }, 400)
  }
  return NONE
}

async function simpleRuns({ ctx, who }: CompatAsk, runs: readonly Run[]): Promise<SimpleRun[]> {
  const unbegun = await unbegunRuns(ctx, who, runs)
  return runs.map((run) => simpleRun(run, unbegun.has(run.id)))
}

async function jobOf({ ctx, who, params }: CompatAsk<never> | CompatAsk): Promise<Job> {
  const project = await knownDoorProjectId(ctx, who, SYSTEM)
  const job = project === null ? null : await findJob(ctx, who, { idOrName: params['name']!, project })
  if (job !== null && isOurs(job)) return job
  throw new AppError('not_found', 'Job not found')
}

/** By the id a worker knows, too: that of a further attempt ends with its number. */
async function runOf({ ctx, who, params }: CompatAsk): Promise<Run> {
  const run = await findRun(ctx, who, params['id']!.replace(/\.\d{1,7}$/, ''))
  const project = await knownDoorProjectId(ctx, who, SYSTEM)
  const [ours] = await runsOfJobs(ctx, who, run.projectId === project ? [run] : [], isOurSpec)
  if (ours !== undefined) return ours
  throw new AppError('not_found', 'Run not found')
}

function isOurs({ spec }: Job): boolean {
  return isOurSpec(spec)
}

function isOurSpec(spec: JobSpec): boolean {
  return spec.labels['door'] === SYSTEM && spec.target.message !== undefined
}

/** Its lists were null when there was nothing in them. */
function orNull<Item>(items: readonly Item[]): readonly Item[] | null {
  return items.length === 0 ? null : items
}

/** Its server knew filters as `JobName`, its command line sent `jobName`. */
function either(query: URLSearchParams, name: string): string | null {
  return query.get(name) ?? query.get(name.charAt(0).toLowerCase() + name.slice(1))
}

function statusIn(query: URLSearchParams): SimpleStatus | null {
  const text = either(query, 'Status')
  if (text === null || text === '') return null
  const status = SIMPLE_STATUSES.find((one) => one === text)
  if (status !== undefined) return status
  const detail = `Invalid run status: it is one of ${SIMPLE_STATUSES.join(', ')}`
  throw invalid([{ pointer: '?Status', code: 'status_unknown', detail }])
}

function timeIn(query: URLSearchParams, name: string): number | null {
  const text = either(query, name)
  if (text === null || text === '') return null
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return at
  throw invalid([{ pointer: `?${name}`, code: 'instant', detail: `${name} is a time in RFC 3339` }])
}

function refuse(
  { status, code, detail, errors }: ProblemDocument,
  { action }: { readonly action?: Action },
): Answer {
  if (status === 404) return { status }
  if (status >= 500 && status !== 503) return json({ error: 'Unexpected error occurred' }, status)
  if (status === 403) {
    const needs = action === undefined ? [] : [ruleOf(action).needs]
    return json({ error: 'Missing required scopes', missing_scopes: needs, detail }, 403)
  }
  if (code === 'unauthenticated') return json({ error: detail }, 401)
  const said = errors.map((error) => error.detail).join(' ')
  return json({ error: said === '' ? detail : said }, status === 422 || status === 415 ? 400 : status)
}
