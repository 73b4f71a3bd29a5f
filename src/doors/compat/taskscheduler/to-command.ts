// A task as jobs of ours: one that all agents carry out, or one delivery to each foreign agent, which then goes by its own clock.

import type { JobDraft } from '../../../commands/job-draft.ts'
import { AppError } from '../../../domain/errors.ts'
import {
  commandArgv,
  FREQUENCY_HINT,
  frequencyDuration,
  type NewTask,
  TASK_PATHS,
} from '../../../protocol/taskscheduler.ts'

export const SYSTEM = 'taskscheduler'
/** Marks the jobs of this door among others of their project. */
export const DOOR_LABEL = { door: SYSTEM } as const
/** How many foreign agents a task was given to. */
export const FOREIGN_LABEL = 'taskscheduler.agents'

/** An agent that is away hears of its task when it is back within a day or so. */
const DELIVERY_DELAYS = ['1s', '5s', '30s', '2m', '10m', '30m', ...Array<string>(24).fill('1h')]

type Place = { readonly taskId: string; readonly project: string; readonly now: number }

/** Throws when the document calls it no task. */
export function checkTask({ command, frequency }: NewTask): string {
  if (command.trim() === '') throw refusal('command', 'is empty: it is a program and its arguments')
  const every = frequencyDuration(frequency)
  if (every === null) throw refusal('frequency', `${FREQUENCY_HINT}; not "${frequency.slice(0, 60)}"`)
  return every
}

export function ownTask(task: NewTask, every: string, { taskId, project }: Place): JobDraft {
  return {
    name: taskId,
    project,
    labels: DOOR_LABEL,
    schedule: { every },
    target: { command: { argv: commandArgv(task.command), on: { all: true } } },
    policy: { timeout: '0s', catchUp: 'none', retry: { max: 0 } },
  }
}

/** The first has the name of the task. */
export function foreignTask(
  { command, frequency }: NewTask,
  { taskId, project, now }: Place,
  agents: readonly string[],
): JobDraft[] {
  return agents.map((agent, n) => ({
    name: n === 0 ? taskId : `${taskId}.${n}`,
    project,
    labels: { ...DOOR_LABEL, [FOREIGN_LABEL]: String(agents.length) },
    schedule: { at: new Date(now).toISOString() },
    target: {
      http: {
        method: 'POST',
        url: agent.replace(/\/+$/, '') + TASK_PATHS.schedule,
        headers: { 'Content-Type': 'application/json' },
        body: { task_id: taskId, command, frequency },
        timeout: '10s',
      },
    },
    // A finished job goes with its last run, and with it would go a task that its agents carry on with.
    policy: { retry: { delays: DELIVERY_DELAYS }, keep: { last: 1 } },
  }))
}

function refusal(field: string, detail: string): AppError {
  return new AppError('invalid', `"${field}" ${detail}`, [{ pointer: `/${field}`, code: field, detail }])
}
