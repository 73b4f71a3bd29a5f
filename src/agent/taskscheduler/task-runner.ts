// Carries out a task's command as any command of an agent is, under the rules of its machine, and tells what it put out.
// Whatever is in the way is told as well: a server that hears nothing would wait for this round for ever.

import type { LogStream } from '../../domain/log/log-frame.ts'
import { isHandedOver, type Outcome } from '../../domain/outcome.ts'
import type { Chance } from '../../ports/chance.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Dispatcher } from '../../ports/dispatcher.ts'
import type { LogSink } from '../../ports/log-sink.ts'
import type { StopSignal } from '../../ports/stop.ts'
import type { Work } from '../../ports/work.ts'
import { type AgentTask, commandArgv } from '../../protocol/taskscheduler.ts'

/** Bytes of one output that are told; of more its end. Two of them fit into a request, however they are escaped. */
export const TASK_OUTPUT_MAX = 131_072

export type TaskOutput = { readonly stdout: string; readonly stderr: string }

/** The output of what is under way, by run. */
export class TaskOutputs {
  readonly #open = new Map<string, Record<LogStream, Buffer>>()

  readonly openLog = ({ run }: Work): LogSink => {
    const kept: Record<LogStream, Buffer> = { stdout: NOTHING, stderr: NOTHING, system: NOTHING }
    this.#open.set(run.id, kept)
    return {
      write: (stream, bytes) => {
        kept[stream] = Buffer.concat([kept[stream], bytes]).subarray(-TASK_OUTPUT_MAX)
        return null
      },
      end: async () => {},
    }
  }

  /** Once. */
  take(runId: string): Record<LogStream, string> {
    const kept = this.#open.get(runId)
    this.#open.delete(runId)
    const text = (stream: LogStream): string => kept?.[stream].toString('utf8') ?? ''
    return { stdout: text('stdout'), stderr: text('stderr'), system: text('system') }
  }
}

const NOTHING = Buffer.alloc(0)

export type TaskRunnerParts = {
  readonly clock: Clock
  readonly chance: Chance
  readonly dispatcher: Dispatcher
  readonly outputs: TaskOutputs
}

/** null: it was broken off. */
export async function runTask(
  { clock, chance, dispatcher, outputs }: TaskRunnerParts,
  task: AgentTask,
  signal: StopSignal,
): Promise<TaskOutput | null> {
  const work = workOf(task, chance.id('run'), clock.now())
  const outcome = await dispatcher.dispatch(work, signal)
  const { stdout, stderr, system } = outputs.take(work.run.id)
  // A command is never handed over.
  if (isHandedOver(outcome) || outcome.kind === 'cancelled') return null
  return { stdout, stderr: stderr === '' ? whyNot(outcome, system) : stderr }
}

function whyNot(outcome: Outcome, system: string): string {
  if (outcome.kind === 'ok') return ''
  return system === '' ? `${outcome.message}\n` : system
}

function workOf(task: AgentTask, runId: string, now: number): Work {
  const target = { command: { argv: commandArgv(task.command) } }
  const names = { projectId: 'taskscheduler', jobId: task.task_id, jobName: task.task_id, jobVersion: 1 }
  return {
    run: {
      id: runId,
      ...names,
      trigger: 'schedule',
      dueAt: now,
      late: false,
      attempts: 1,
      fence: 1,
      createdAt: now,
      startedAt: now,
      message: null,
      params: null,
      status: 'running',
      lease: { nodeId: 'nod_taskscheduler', fence: 1, leasedAt: now },
    },
    spec: {
      name: task.task_id,
      description: null,
      labels: {},
      schedule: {},
      target,
      // As it was there: a command may take as long as it likes.
      policy: { timeout: '0s' },
      callback: null,
    },
    attempt: { number: 1, cause: 'first', startedAt: now },
  }
}
