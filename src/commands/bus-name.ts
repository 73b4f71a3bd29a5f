// Workers of Simple Scheduler know a job by its name alone, so on the bus a name is one project's: whoever could take it in
// another project would have the workers there do its runs. And each such job has exchanges and queues of its own, of which a
// project may have so many.

import type { Problems } from '../domain/errors.ts'
import type { Job, JobSpec } from '../domain/job.ts'
import type { Run } from '../domain/run.ts'
import type { BusRoom } from './bus-room.ts'
import type { Context } from './context.ts'

type Wanting = {
  readonly projectId: string
  readonly spec: Pick<JobSpec, 'name' | 'target'>
  readonly problems: Problems
}

/** Two at the same moment may both get by; then the older one has the name (see refusalOnBus). */
export async function requireBusNames(ctx: Context, jobs: readonly Wanting[]): Promise<void> {
  const wanting = jobs.filter(({ spec }) => isOnBus(spec))
  if (wanting.length === 0) return
  requireRoom(ctx, wanting)
  const holders = await holdersOf(
    ctx,
    wanting.map(({ spec }) => spec.name),
  )
  for (const { projectId, spec, problems } of wanting) {
    const holder = holders.get(spec.name)
    if (holder === undefined || holder.projectId === projectId) continue
    problems.add(
      '/name',
      'bus_name_taken',
      `The workers of Simple Scheduler that listen for "${spec.name}" are those of another project. Choose another name.`,
    )
  }
}

/** Asked before the first message of a job leaves: why its exchanges and queues are not to be made. null: they may. */
export async function refusalOnBus(
  ctx: Context,
  { projectId, jobName }: Pick<Run, 'projectId' | 'jobName'>,
): Promise<string | null> {
  const holder = (await holdersOf(ctx, [jobName])).get(jobName)
  if (holder !== undefined && holder.projectId !== projectId) {
    return 'the workers that listen for this job are those of another project: give the job another name'
  }
  return ctx.busRoom?.take(projectId, jobName) === false ? noRoom(ctx.busRoom.max) : null
}

/** By a job of any project, as the store has it now. */
export async function isNameOnBus(ctx: Context, name: string): Promise<boolean> {
  return (await holdersOf(ctx, [name])).size > 0
}

/** Places that were taken for jobs before they are written: however many are written at the same moment, no more fit. */
export class BusPlaces implements Disposable {
  readonly #room: BusRoom | undefined
  /** Name to whom it was taken from. */
  readonly #taken = new Map<string, string | null>()

  /** A job without a place is a problem; one that has a problem gets none. */
  constructor({ busRoom }: Context, jobs: readonly Wanting[]) {
    this.#room = busRoom
    if (busRoom === undefined) return
    for (const { projectId, spec, problems } of jobs) {
      if (!isOnBus(spec) || problems.any) continue
      const holder = busRoom.holder(spec.name)
      if (!busRoom.take(projectId, spec.name)) addNoRoom(problems, busRoom)
      else if (holder !== projectId && !this.#taken.has(spec.name)) this.#taken.set(spec.name, holder)
    }
  }

  /** They have been written. */
  keep(): void {
    this.#taken.clear()
  }

  /** Gives back what was not kept. */
  [Symbol.dispose](): void {
    for (const [name, holder] of this.#taken) {
      this.#room?.release(name)
      if (holder !== null) this.#room?.take(holder, name)
    }
  }
}

function requireRoom({ busRoom }: Context, wanting: readonly Wanting[]): void {
  if (busRoom === undefined) return
  const names = new Map<string, Set<string>>()
  for (const { projectId, spec, problems } of wanting) {
    const ofProject = names.get(projectId) ?? new Set()
    names.set(projectId, ofProject)
    ofProject.add(spec.name)
    if (busRoom.fits(projectId, ofProject)) continue
    ofProject.delete(spec.name)
    addNoRoom(problems, busRoom)
  }
}

function addNoRoom(problems: Problems, { max }: BusRoom): void {
  problems.add('/target/message/protocol', 'bus_jobs_max', noRoom(max))
}

function noRoom(max: number): string {
  return `A project may have ${max} jobs of Simple Scheduler, each with exchanges and queues of its own on the bus. Delete some: a day later their places are free. Or have bus-jobs-per-project raised by whoever runs the server.`
}

/** By name: of all projects the oldest job that goes to these workers. */
async function holdersOf({ store }: Context, names: readonly string[]): Promise<Map<string, Job>> {
  const holders = new Map<string, Job>()
  for (const job of await store.jobs.named(names)) {
    if (isOnBus(job.spec) && !holders.has(job.spec.name)) holders.set(job.spec.name, job)
  }
  return holders
}

function isOnBus({ target }: Pick<JobSpec, 'target'>): boolean {
  return target.message?.protocol === 'simple-scheduler'
}
