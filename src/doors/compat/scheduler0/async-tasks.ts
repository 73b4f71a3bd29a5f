// Tasks: jobs are made before they are answered, so a task's name says all there is to know of it, on every node and after
// every restart.

import { findJobs } from '../../../commands/find-jobs.ts'
import { AppError } from '../../../domain/errors.ts'
import type { Job } from '../../../domain/job.ts'
import type { Answer } from '../../http/endpoint.ts'
import type { CompatAsk } from '../compat-door.ts'
import { told } from './envelope.ts'
import { isOurs, jobInWords } from './job-words.ts'
import { jobNumber, projectName } from './numbers.ts'
import { existingProject } from './projects.ts'
import { type JobRange, rangeOf } from './task-name.ts'
import type { Words } from './words.ts'

const SUCCESS = 2
const RANGES_MAX = 1_000
const JOBS_MAX = 10_000

export async function getTask(ask: CompatAsk, words: Words): Promise<Answer> {
  const requestId = ask.params.requestId!
  const [task = '', ...texts] = requestId.split('-')
  const ranges = texts.map(rangeOf)
  const known = ranges.filter((range) => range !== null)
  const jobs = known.reduce((sum, { count }) => sum + count, 0)
  const whole = known.length === ranges.length && known.length > 0 && known.length <= RANGES_MAX
  if (!/^\d{1,15}$/.test(task) || !whole || jobs > JOBS_MAX) throw notThere()
  const found: Record<string, unknown>[] = []
  let createdAt: number | null = null
  for (const range of known) {
    for (const job of await jobsOf(ask, range)) {
      createdAt ??= job.createdAt
      found.push(jobInWords(job, words))
    }
  }
  if (createdAt === null) throw notThere()
  return told(200, {
    id: Number(task),
    requestId,
    input: '',
    output: JSON.stringify(found),
    service: 'create_job',
    state: SUCCESS,
    dateCreated: new Date(createdAt).toISOString(),
  })
}

/** Anybody can make a name up: a project that is not there has no jobs. */
async function jobsOf(ask: CompatAsk, { project, first, count }: JobRange): Promise<Job[]> {
  if ((await existingProject(ask, project)) === null) return []
  const names = Array.from({ length: count }, (_, n) => String(jobNumber(project, first + n)))
  return (await findJobs(ask.ctx, ask.who, projectName(project), names)).filter(isOurs)
}

function notThere(): AppError {
  return new AppError('not_found', "message: task doesn't exist, code: 404")
}
