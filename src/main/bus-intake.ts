// What comes in from the bus: one queue of statuses for all, and two for each job of Simple Scheduler that this node looks
// after. Which these are is worked out anew now and then, from the jobs there are and the nodes that live.

import { isNameOnBus } from '../commands/bus-name.ts'
import type { Context } from '../commands/context.ts'
import { DEAD_QUEUE, DEAD_TOPOLOGY, STATUS_QUEUE, STATUS_TOPOLOGY } from '../dispatch/message/bus-names.ts'
import { simpleNames, simpleTopology } from '../dispatch/message/simple-scheduler.ts'
import { custody } from '../domain/custody.ts'
import type { Listening } from '../domain/handed-over.ts'
import type { Job } from '../domain/job.ts'
import { LETTER_BYTES_MAX, type LetterLog } from '../doors/bus/letter.ts'
import { type SimpleQueue, takeSimpleLetters } from '../doors/bus/simple-scheduler-door.ts'
import { takeStatuses } from '../doors/bus/status-door.ts'
import { Loop } from '../engine/loop.ts'
import type { Lease } from '../ports/lease.ts'
import type { Listener, MessageBus } from '../ports/message-bus.ts'
import { Stop } from '../ports/stop.ts'
import type { Work } from '../ports/store.ts'

const STATUS_PREFETCH = 1_000
const JOB_PREFETCH = 200
const JOBS_PAGE = 500
const NODES_MAX = 1_000
/** A node that is gone leaves its queues unread: that is noticed sooner than new jobs. */
const NODES_EVERY_MS = 2_000
const LINGER_MS = 24 * 3_600_000
/** Names whose exchanges and queues are removed in one round. */
const REMOVED_AT_ONCE = 20
const REMOVE_WITHIN_MS = 5_000

export type BusIntakeOptions = {
  readonly ctx: Context
  readonly bus: MessageBus
  readonly membership: Lease
  /** How often it is worked out anew which jobs are this node's. */
  readonly refreshMs: number
  /** Jobs of Simple Scheduler that one node looks after; 0: no limit. */
  readonly jobsMax: number
  /** So long the queues of a job that is gone are read on; then they are removed. Default: a day. */
  readonly lingerMs?: number
  readonly log: LetterLog
  readonly onError: (where: string, error: unknown) => void
  /** This many jobs have no node: none has room. */
  readonly onLeftOver?: (jobs: number) => void
  /** This many jobs get no exchanges and queues: their projects have as many as they may. */
  readonly onNoRoom?: (jobs: number) => void
}

export class BusIntake implements AsyncDisposable {
  readonly #options: BusIntakeOptions
  readonly #statuses: Listener
  readonly #watched = new Map<string, Listener>()
  /** Jobs that this node has published for since it last looked: by then it may not have known them. */
  readonly #fresh = new Map<string, string>()
  readonly #loop: Loop
  /** Id to name, as of the last look. */
  #jobs = new Map<string, string>()
  /** Names that no job has any more. */
  readonly #vanishedAt = new Map<string, number>()
  #lookedAt = Number.NEGATIVE_INFINITY
  #kept = 0

  constructor(options: BusIntakeOptions) {
    this.#options = options
    const { ctx, bus, log, onError, refreshMs } = options
    this.#statuses = bus.consume(
      {
        queue: STATUS_QUEUE,
        topology: STATUS_TOPOLOGY,
        prefetch: STATUS_PREFETCH,
        bytesMax: LETTER_BYTES_MAX,
        deadLetters: DEAD_QUEUE,
      },
      (letters) => takeStatuses(ctx, letters, log),
    )
    const tick = async (): Promise<null> => {
      await this.#refresh()
      return null
    }
    const pollMs = Math.min(refreshMs, NODES_EVERY_MS)
    this.#loop = new Loop({ name: 'custody', clock: ctx.clock, pollMs, onError, tick }).start()
  }

  /** Jobs of Simple Scheduler that this node looks after. */
  get jobs(): number {
    return this.#kept
  }

  /** A run of this job goes out from here. Who reads its queues has been worked out, unless it is newer than that. */
  publishes(jobId: string, jobName: string): void {
    if (this.#jobs.get(jobId) === jobName) return
    const { jobsMax } = this.#options
    if (jobsMax > 0 && this.#watched.size >= jobsMax) return
    this.#fresh.set(jobId, jobName)
    this.#watch(jobName)
  }

  /** For words about this run. */
  listening({ run, spec }: Work): Listening {
    const since = this.#statuses.since()
    if (since === null || spec.target.message?.protocol === undefined) return since ?? 'deaf'
    const watched = this.#watched.get(run.jobName)
    return watched === undefined ? 'elsewhere' : (watched.since() ?? 'deaf')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loop.stop()
    await Promise.all([this.#statuses, ...this.#watched.values()].map((one) => one[Symbol.asyncDispose]()))
  }

  async #refresh(): Promise<void> {
    const { ctx, membership, jobsMax, onLeftOver } = this.#options
    await this.#lookForJobs()
    const jobs = this.#jobs
    if (jobs.size === 0 && this.#watched.size === 0 && this.#vanished(new Set()).length === 0) return
    const now = ctx.clock.now()
    const nodes = await ctx.store.nodes.list(NODES_MAX)
    const live = nodes.filter(({ gone, leaseUntil }) => gone === null && leaseUntil >= now)
    const kept = custody(
      [...jobs.keys()],
      live.map(({ id }) => ({ nodeId: id, jobsMax })),
    )
    const mine = new Set(
      [...kept].filter(([, node]) => node === membership.nodeId).map(([id]) => jobs.get(id)!),
    )
    this.#kept = mine.size
    for (const [id, name] of this.#fresh) if (jobs.get(id) !== name) mine.add(name)
    for (const name of mine) this.#watch(name)
    const names = new Set(jobs.values())
    for (const name of names) this.#vanishedAt.delete(name)
    for (const [name, consumer] of [...this.#watched]) {
      if (mine.has(name) || (!names.has(name) && this.#lingers(name))) continue
      this.#watched.delete(name)
      await consumer[Symbol.asyncDispose]()
    }
    await this.#removeVanished(new Set([...names, ...mine]))
    if (kept.size < jobs.size) onLeftOver?.(jobs.size - kept.size)
  }

  /** What is under way of a job that was deleted or renamed may finish. */
  #lingers(jobName: string): boolean {
    const now = this.#options.ctx.clock.monotonic()
    const since = this.#vanishedAt.get(jobName) ?? now
    this.#vanishedAt.set(jobName, since)
    return now - since < (this.#options.lingerMs ?? LINGER_MS)
  }

  /** Names that no job has, be it only because it is newer than the last look. */
  #vanished(names: ReadonlySet<string>): readonly string[] {
    const held = this.#options.ctx.busRoom?.names() ?? []
    return [...new Set([...held, ...this.#vanishedAt.keys()])].filter((name) => !names.has(name))
  }

  /** What they had on the bus, unless somebody still listens there. Only then their places are free. */
  async #removeVanished(names: ReadonlySet<string>): Promise<void> {
    const { ctx, bus } = this.#options
    const over = this.#vanished(names).filter((name) => !this.#watched.has(name) && !this.#lingers(name))
    for (const name of over.slice(0, REMOVED_AT_ONCE)) {
      if (bus.trouble() !== null) return
      // Made anew since this node has looked, or too many of its project: whether it is gone is asked anew.
      if (await isNameOnBus(ctx, name)) {
        this.#vanishedAt.delete(name)
        continue
      }
      const stop = new Stop()
      const cancel = ctx.clock.after(REMOVE_WITHIN_MS, () => stop.stop())
      const removed = await bus.remove(simpleTopology(name), stop)
      cancel()
      // Tried again at a later round.
      if (!removed) return
      ctx.busRoom?.release(name)
      this.#vanishedAt.delete(name)
    }
  }

  async #lookForJobs(): Promise<void> {
    const { ctx, refreshMs, onNoRoom } = this.#options
    const now = ctx.clock.monotonic()
    if (now - this.#lookedAt < refreshMs) return
    this.#fresh.clear()
    const found = await simpleJobs(ctx)
    const has = ctx.busRoom?.settle(found.map(({ projectId, spec }) => ({ projectId, name: spec.name })))
    const placed = found.filter((_, position) => has?.[position] !== false)
    this.#jobs = new Map(placed.map(({ id, spec }) => [id, spec.name]))
    this.#lookedAt = now
    if (placed.length < found.length) onNoRoom?.(found.length - placed.length)
  }

  #watch(jobName: string): void {
    if (this.#watched.has(jobName)) return
    const consumers = (['status', 'heartbeat'] as const).map((queue) => this.#consume(jobName, queue))
    this.#watched.set(jobName, {
      since: () => {
        const moments = consumers.map((one) => one.since())
        return moments.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b)))
      },
      [Symbol.asyncDispose]: async () => {
        await Promise.all(consumers.map((one) => one[Symbol.asyncDispose]()))
      },
    })
  }

  #consume(jobName: string, queue: SimpleQueue): Listener {
    const { ctx, bus, log } = this.#options
    const topology = simpleTopology(jobName)
    return bus.consume(
      {
        queue: simpleNames(jobName)[queue],
        topology: { ...topology, queues: [...topology.queues!, ...DEAD_TOPOLOGY.queues!] },
        prefetch: JOB_PREFETCH,
        bytesMax: LETTER_BYTES_MAX,
        deadLetters: DEAD_QUEUE,
      },
      (letters) => takeSimpleLetters(ctx, jobName, queue, letters, log),
    )
  }
}

/** The oldest first: where there are too many in a project, these have their places. */
async function simpleJobs({ store }: Context): Promise<Job[]> {
  const found: Job[] = []
  let cursor: string | undefined
  do {
    const page = await store.jobs.list({}, { limit: JOBS_PAGE, ...(cursor === undefined ? {} : { cursor }) })
    found.push(...page.items.filter(({ spec }) => spec.target.message?.protocol === 'simple-scheduler'))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return found.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
}
