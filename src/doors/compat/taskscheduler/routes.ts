// The addresses of taskscheduler.

import { forgetReports, noteReport } from '../../../commands/agent-reports.ts'
import { createJobs } from '../../../commands/create-jobs.ts'
import { doorProjectId, knownDoorProjectId } from '../../../commands/door-project.ts'
import { findJob } from '../../../commands/find-job.ts'
import { AppError } from '../../../domain/errors.ts'
import type { Job } from '../../../domain/job.ts'
import { NewTask, TASK_PATHS, TaskReport } from '../../../protocol/taskscheduler.ts'
import type { Answer } from '../../http/endpoint.ts'
import type { CompatAsk, CompatDoor } from '../compat-door.ts'
import { uuidOf } from '../uuid.ts'
import { keyInAddress } from './key-in-address.ts'
import { latestOutput } from './outputs.ts'
import { checkTask, foreignTask, ownTask, SYSTEM } from './to-command.ts'

export type TaskschedulerSettings = {
  /** Base addresses of foreign agents; with none our own carry tasks out. */
  readonly agents: readonly string[]
}

const AGENT_ID_MAX = 200
/** Agents of one round, where fewer are configured now than when the task was made. */
const FORMER_AGENTS_MAX = 100
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function taskschedulerDoor(settings: TaskschedulerSettings): CompatDoor {
  return {
    system: SYSTEM,
    routes: [
      {
        method: 'POST',
        path: TASK_PATHS.create,
        action: 'job.create',
        body: NewTask,
        handle: (ask: CompatAsk<NewTask>) => create(ask, settings),
      },
      {
        method: 'GET',
        path: TASK_PATHS.output,
        action: 'run.read',
        handle: (ask: CompatAsk<never>) => output(ask, settings),
      },
      {
        method: 'POST',
        path: TASK_PATHS.complete,
        action: 'task.report',
        body: TaskReport,
        handle: complete,
      },
    ],
    credentials: { shown: keyInAddress, belongs: () => true },
    // It had no words for what was wrong, only the status.
    refuse: ({ status, detail }) => ({
      status: status === 422 || status === 415 ? 400 : status,
      body: { error: detail },
    }),
  }
}

async function create(
  { ctx, who, body }: CompatAsk<NewTask>,
  { agents }: TaskschedulerSettings,
): Promise<Answer> {
  const every = checkTask(body)
  const taskId = uuidOf(ctx.chance.hex(16))
  const place = { taskId, project: await doorProjectId(ctx, who, SYSTEM), now: ctx.clock.now() }
  const drafts = agents.length === 0 ? [ownTask(body, every, place)] : foreignTask(body, place, agents)
  await createJobs(ctx, who, drafts, 'whole')
  return { status: 201, body: { task_id: taskId, command_id: taskId } }
}

async function output(ask: CompatAsk<never>, { agents }: TaskschedulerSettings): Promise<Answer> {
  const foreignMax = Math.max(agents.length, FORMER_AGENTS_MAX)
  const shown = await latestOutput(ask.ctx, ask.who, await taskOf(ask), foreignMax)
  if (shown === null) throw new AppError('not_found', 'No round of this task is complete yet.')
  return { status: 200, body: shown }
}

async function complete(ask: CompatAsk<TaskReport>): Promise<Answer> {
  const { ctx, who, body } = ask
  const task = await taskOf(ask).catch(async (error: unknown) => {
    if (error instanceof AppError && error.code === 'not_found') await forgetTask(ask)
    throw error
  })
  const agentId = body.agent_id ?? body.server_id ?? ''
  if (agentId === '' || agentId.length > AGENT_ID_MAX) {
    throw new AppError('invalid', `"agent_id" (or "server_id") has 1 to ${AGENT_ID_MAX} characters.`)
  }
  const report = { stdout: body.stdout ?? '', stderr: body.stderr ?? '' }
  await noteReport(ctx, who, task, agentId, report)
  return { status: 200 }
}

/** Foreign agents go on with a task that is gone here, and cannot be told. */
async function forgetTask({ ctx, who, params }: Pick<CompatAsk, 'ctx' | 'who' | 'params'>): Promise<void> {
  const projectId = await knownDoorProjectId(ctx, who, SYSTEM)
  if (projectId !== null && UUID.test(params.task_id!))
    await forgetReports(ctx, who, { projectId, spec: { name: params.task_id! } })
}

/** Only what came in by this door. */
async function taskOf({ ctx, who, params }: Pick<CompatAsk, 'ctx' | 'who' | 'params'>): Promise<Job> {
  const project = await knownDoorProjectId(ctx, who, SYSTEM)
  if (project === null) throw noTask()
  const job = await findJob(ctx, who, { idOrName: params.task_id!, project }).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'not_found') return null
    throw error
  })
  if (job !== null && job.projectId === project && job.spec.labels.door === SYSTEM) return job
  throw noTask()
}

function noTask(): AppError {
  return new AppError('not_found', 'There is no such task.')
}
