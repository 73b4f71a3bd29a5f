// Execution logs: runs of ours, in three states.

import { listRuns } from '../../../commands/list-runs.ts'
import { AppError } from '../../../domain/errors.ts'
import { OPEN_STATUSES, type Run, type RunStatus } from '../../../domain/run.ts'
import type { Answer } from '../../http/endpoint.ts'
import type { CompatAsk } from '../compat-door.ts'
import { told } from './envelope.ts'
import { executedAt } from './job-words.ts'
import { jobByNumber } from './jobs.ts'
import { idOf, projectName } from './numbers.ts'
import { pageOf } from './pages.ts'
import { inWords, type Words } from './words.ts'

const STATES = { scheduled: 0, success: 1, failed: 2 } as const
const STATUSES: Readonly<Record<keyof typeof STATES, readonly RunStatus[]>> = {
  scheduled: OPEN_STATUSES,
  success: ['succeeded'],
  failed: ['failed', 'missed', 'unknown', 'cancelled', 'skipped'],
}

export async function list(ask: CompatAsk, words: Words): Promise<Answer> {
  const { query } = ask
  const job = query.get('jobId')
  const project = query.get('projectId')
  const filter = {
    ...(await ofJob(ask, job)),
    ...(project === null ? {} : { project: projectName(idOf(project, 'project')) }),
    ...stateOf(query.get('state')),
    ...momentOf(query, 'startDate', 'from'),
    ...momentOf(query, 'endDate', 'to'),
  }
  if (filter.job === undefined && filter.project === undefined) {
    throw new AppError('invalid', 'projectId or jobId is not provided')
  }
  const { items, ...page } = await pageOf(ask, {
    read: async (more) => {
      const { items, nextCursor } = await listRuns(ask.ctx, ask.who, filter, more)
      return { items: items.filter(isOfJob), nextCursor }
    },
  })
  return told(200, { executions: items.map((run) => executionInWords(run, words)), ...page })
}

/** Jobs of this door have numbers for names. */
function isOfJob({ jobName }: Run): boolean {
  return /^\d+$/.test(jobName)
}

async function ofJob(ask: CompatAsk, text: string | null): Promise<{ job?: string }> {
  if (text === null) return {}
  const job = await jobByNumber(ask, idOf(text, 'job'))
  if (job === null) throw new AppError('not_found', 'job cannot be found')
  return { job: job.id }
}

function stateOf(text: string | null): { status?: readonly RunStatus[] } {
  if (text === null || text === '') return {}
  if (Object.hasOwn(STATUSES, text)) return { status: STATUSES[text as keyof typeof STATES] }
  throw new AppError('invalid', `state is scheduled, success or failed, not "${text.slice(0, 40)}"`)
}

function momentOf(query: URLSearchParams, name: string, as: 'from' | 'to'): { from?: number; to?: number } {
  const text = query.get(name)
  if (text === null || text === '') return {}
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new AppError('invalid', `${name} is a time as in RFC 3339`)
  return { [as]: at }
}

function executionInWords(run: Run, words: Words): Record<string, unknown> {
  const state =
    run.status === 'succeeded' ? STATES.success : 'finishedAt' in run ? STATES.failed : STATES.scheduled
  return {
    // 0 is a state, so it is said.
    state,
    ...inWords(words, {
      id: run.id,
      uniqueId: run.id,
      nodeId: 1,
      jobId: Number(run.jobName),
      lastExecutionDatetime: executedAt(run),
      nextExecutionDatetime: new Date(run.dueAt).toISOString(),
      executionVersion: run.attempts,
      dateCreated: new Date(run.createdAt).toISOString(),
    }),
  }
}
