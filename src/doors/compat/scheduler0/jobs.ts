// Jobs: made many at a time, answered with a task that is done already.

import { holds } from '../../../commands/authorize.ts'
import { createJobs } from '../../../commands/create-jobs.ts'
import { deleteJob } from '../../../commands/delete-job.ts'
import { editJob } from '../../../commands/edit-job.ts'
import { findJob } from '../../../commands/find-job.ts'
import type { JobDraft } from '../../../commands/job-draft.ts'
import { countJobs, listJobs } from '../../../commands/list-jobs.ts'
import { EXECUTED_STATUSES, lastRuns } from '../../../commands/recent-runs.ts'
import { takeNumbers } from '../../../commands/take-numbers.ts'
import { AppError } from '../../../domain/errors.ts'
import type { Job } from '../../../domain/job.ts'
import type { Run } from '../../../domain/run.ts'
import type { HttpTarget } from '../../../domain/target.ts'
import type { Answer } from '../../http/endpoint.ts'
import { HttpProblem } from '../../http/http-problem.ts'
import { bodyCheck } from '../../http/validate/body-check.ts'
import type { CompatAsk } from '../compat-door.ts'
import { nothing, told } from './envelope.ts'
import { DOOR_LABEL, isOurs, jobInWords, type Scheduler0Settings, SentJob, toDraft } from './job-words.ts'
import { idOf, jobNumber, projectName, projectOfJob, SYSTEM } from './numbers.ts'
import { pageOf } from './pages.ts'
import { existingProject } from './projects.ts'
import { type JobRange, taskName } from './task-name.ts'
import { camelKeys, type Words } from './words.ts'

const checkJob = bodyCheck(SentJob)

export async function createMany(
  ask: CompatAsk,
  settings: Scheduler0Settings,
  tasksPath: string,
): Promise<Answer> {
  const { ctx, who, body } = ask
  if (!Array.isArray(body)) throw new HttpProblem('invalid', 'jobs are sent as an array of objects')
  const sent = body.map(readJob)
  const task = await takeNumbers(ctx, who, `${SYSTEM}.task`, 1)
  if (sent.length === 0) return told(202, null)
  const ranges = await numbered(ask, sent)
  const now = ctx.clock.now()
  const drafts: JobDraft[] = sent.map((job, n) => toDraft(job, ranges.numbers[n]!, settings, now))
  await createJobs(ctx, who, drafts, 'whole')
  const Location = `${ask.prefix}${tasksPath}/${taskName(task, ranges.taken)}`
  return told(202, [task], { Location })
}

function readJob(item: unknown): SentJob {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw new HttpProblem('invalid', 'every job is an object')
  }
  return checkJob(camelKeys(item as Record<string, unknown>))
}

/** Each job its number; numbers of one project follow each other. */
async function numbered(
  ask: CompatAsk,
  sent: readonly SentJob[],
): Promise<{ numbers: number[]; taken: JobRange[] }> {
  const projects = sent.map(({ projectId }) => idOf(projectId, 'project'))
  const next = new Map<number, number>()
  const taken: JobRange[] = []
  for (const project of new Set(projects)) {
    if ((await existingProject(ask, project)) === null) {
      throw new AppError('invalid', `a project in the payload does not exist. project id ${project}`)
    }
    const count = projects.filter((one) => one === project).length
    const first = await takeNumbers(ask.ctx, ask.who, `${SYSTEM}.job.${project}`, count)
    next.set(project, first)
    taken.push({ project, first, count })
  }
  const numbers = projects.map((project) => {
    const nth = next.get(project)!
    next.set(project, nth + 1)
    return jobNumber(project, nth)
  })
  return { numbers, taken }
}

export async function jobByNumber({ ctx, who }: CompatAsk, number: number): Promise<Job | null> {
  try {
    const project = projectName(projectOfJob(number))
    const job = await findJob(ctx, who, { idOrName: String(number), project })
    return isOurs(job) ? job : null
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return null
    throw error
  }
}

async function asked(ask: CompatAsk): Promise<Job> {
  const job = await jobByNumber(ask, idOf(ask.params.id, 'job'))
  if (job === null) throw new AppError('not_found', 'job cannot be found')
  return job
}

export async function getOne(ask: CompatAsk, words: Words): Promise<Answer> {
  return told(200, await shown(ask, await asked(ask), words))
}

async function shown(ask: CompatAsk, job: Job, words: Words): Promise<Record<string, unknown>> {
  const [last] = await lastExecutions(ask, [job])
  return jobInWords(job, words, last)
}

/** Whoever may read jobs alone sees no runs. */
async function lastExecutions({ ctx, who }: CompatAsk, jobs: readonly Job[]): Promise<(Run | null)[]> {
  if (!holds(who, 'runs:read')) return jobs.map(() => null)
  const ids = jobs.map(({ id }) => id)
  return lastRuns(ctx, who, ids, { statuses: EXECUTED_STATUSES, begun: true })
}

export async function list(ask: CompatAsk, words: Words): Promise<Answer> {
  const project = idOf(ask.query.get('projectId') ?? ask.query.get('project_id'), 'project')
  if ((await existingProject(ask, project)) === null)
    throw new AppError('not_found', 'project does not exist')
  const query = { project: projectName(project), labels: DOOR_LABEL }
  const { items, ...page } = await pageOf(ask, {
    read: (more) => listJobs(ask.ctx, ask.who, query, more),
    count: (max) => countJobs(ask.ctx, ask.who, query, max),
  })
  const jobs = items.filter(isOurs)
  const last = await lastExecutions(ask, jobs)
  return told(200, { jobs: jobs.map((job, nth) => jobInWords(job, words, last[nth])), ...page })
}

/** When it rings cannot be changed; what it carries, where to and how can. */
export async function update(ask: CompatAsk, words: Words): Promise<Answer> {
  const { body: given } = ask
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new HttpProblem('invalid', 'a job is an object')
  const sent = camelKeys(given as Record<string, unknown>)
  const url = nonEmpty(sent.callbackUrl)
  const data = nonEmpty(sent.data)
  const type = nonEmpty(sent.executionType)
  if (type !== null && type !== 'http') {
    throw new AppError('invalid', `execution_type "${type.slice(0, 60)}" is not supported: http is`)
  }
  const change = ({ spec }: Job): JobDraft => {
    const http = spec.target.http as HttpTarget
    const body = {
      ...(http.body as object),
      ...(url === null ? {} : { callback_url: url }),
      ...(data === null ? {} : { data }),
    }
    return { ...spec, target: { http: { ...http, body, url: url ?? http.url } } }
  }
  return told(200, await shown(ask, await editJob(ask.ctx, ask.who, () => asked(ask), change), words))
}

function nonEmpty(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

export async function remove(ask: CompatAsk): Promise<Answer> {
  await deleteJob(ask.ctx, ask.who, { idOrName: (await asked(ask)).id }, null)
  return nothing()
}
