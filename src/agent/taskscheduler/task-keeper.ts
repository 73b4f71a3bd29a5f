// Tasks of a taskscheduler server, each carried out by a clock of its own: wait, run, report, wait again. What was accepted
// is on disk first, so a task outlives the agent; a command never overlaps itself.

import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { parseDuration } from '../../domain/duration.ts'
import type { Clock } from '../../ports/clock.ts'
import { Stop, type StopSignal } from '../../ports/stop.ts'
import { type AgentTask, frequencyDuration } from '../../protocol/taskscheduler.ts'

export const TASKS_MAX = 1_000

export type TaskKeeperOptions = {
  readonly clock: Clock
  readonly file: string
  /** Runs the command and tells its server. Never throws. */
  readonly carryOut: (task: AgentTask, signal: StopSignal) => Promise<void>
}

type Kept = { readonly task: AgentTask; readonly everyMs: number; cancel: () => void }

export class TaskKeeper implements AsyncDisposable {
  readonly #options: TaskKeeperOptions
  readonly #tasks = new Map<string, Kept>()
  readonly #running = new Set<Promise<void>>()
  readonly #stop = new Stop()
  /** One after the other, so that the last one written has them all. */
  #taking: Promise<unknown> = Promise.resolve()

  /** What an agent before this one has accepted goes on, each one interval from now. */
  constructor(options: TaskKeeperOptions) {
    this.#options = options
    for (const task of readTasks(options.file)) this.#begin(task)
  }

  get size(): number {
    return this.#tasks.size
  }

  /** The same task again changes nothing; another of its id takes its place. false: there are too many. */
  async accept(task: AgentTask): Promise<boolean> {
    const taken = this.#taking.catch(() => undefined).then(() => this.#take(task))
    this.#taking = taken
    return taken
  }

  /** What is under way is broken off. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.stop()
    for (const { cancel } of this.#tasks.values()) cancel()
    await Promise.all(this.#running)
    await this.#taking.catch(() => undefined)
  }

  #begin(task: AgentTask): void {
    const everyMs = parseDuration(frequencyDuration(task.frequency) ?? '')
    if (everyMs === null) return
    const kept: Kept = { task, everyMs, cancel: () => {} }
    this.#tasks.set(task.task_id, kept)
    this.#wait(kept)
  }

  #wait(kept: Kept): void {
    const { clock } = this.#options
    const at = clock.monotonic() + kept.everyMs
    const look = (): void => {
      const left = at - clock.monotonic()
      if (left > 0) kept.cancel = clock.after(left, look)
      else this.#run(kept)
    }
    look()
  }

  #run(kept: Kept): void {
    const run = this.#options.carryOut(kept.task, this.#stop).finally(() => {
      this.#running.delete(run)
      if (!this.#stop.aborted && this.#tasks.get(kept.task.task_id) === kept) this.#wait(kept)
    })
    this.#running.add(run)
  }

  /** On disk first: what was answered is not lost, and what could not be kept does not run. */
  async #take(task: AgentTask): Promise<boolean> {
    const known = this.#tasks.get(task.task_id)
    if (known === undefined && this.#tasks.size >= TASKS_MAX) return false
    if (known?.task.command === task.command && known.task.frequency === task.frequency) return true
    const others = [...this.#tasks.values()].map((kept) => kept.task)
    await this.#write([...others.filter(({ task_id }) => task_id !== task.task_id), task])
    known?.cancel()
    if (!this.#stop.aborted) this.#begin(task)
    return true
  }

  async #write(tasks: readonly AgentTask[]): Promise<void> {
    const { file } = this.#options
    await writeFile(`${file}.new`, JSON.stringify(tasks), { mode: 0o600, flush: true })
    await rename(`${file}.new`, file)
  }
}

function readTasks(file: string): AgentTask[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as AgentTask[]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new Error(`the tasks in ${file} cannot be read: ${(error as Error).message}`)
  }
}
