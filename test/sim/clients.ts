// Clients as they are: they create, edit, pause, resume, trigger, cancel and delete; some answers never reach them, and
// then they ask again under the same key, or have asked twice from the beginning.

import { redeliverCallback } from '../../src/commands/callbacks.ts'
import { cancelRun } from '../../src/commands/cancel-run.ts'
import type { Context } from '../../src/commands/context.ts'
import { createJob } from '../../src/commands/create-job.ts'
import { deleteJob } from '../../src/commands/delete-job.ts'
import { explainJob } from '../../src/commands/explain-job.ts'
import { pauseJob } from '../../src/commands/pause-job.ts'
import { readLedger } from '../../src/commands/read-ledger.ts'
import { resumeJob } from '../../src/commands/resume-job.ts'
import { retryRun } from '../../src/commands/retry-run.ts'
import { triggerJob } from '../../src/commands/trigger-job.ts'
import { updateJob } from '../../src/commands/update-job.ts'
import type { Principal } from '../../src/domain/api-key.ts'
import { AppError } from '../../src/domain/errors.ts'
import { StoreUnavailable } from '../../src/ports/store.ts'
import type { Coverage } from './coverage.ts'
import type { Dice } from './dice.ts'
import type { Drafts } from './drafts.ts'
import type { Op } from './history.ts'
import type { SimNode } from './sim-node.ts'
import type { Timeline } from './timeline.ts'
import type { Trace } from './trace.ts'

type Answer = { readonly id: string | null; readonly replayed?: boolean }
type Ask = (ctx: Context) => Promise<Answer>
type Heard = { readonly outcome: Op['outcome']; readonly id: string | null; readonly code: string | null }

export type ClientParts = {
  readonly timeline: Timeline
  readonly trace: Trace
  readonly coverage: Coverage
  readonly dice: Dice
  readonly nodes: readonly SimNode[]
  readonly storeNow: () => number
  readonly jobsMax: number
  readonly onDefect: (what: string) => void
}

const WHO: Principal = { id: 'key_sim', name: 'sim', scopes: ['admin'], projectIds: null }
const PATIENCE_MS = 8_000
const ASKS_MAX = 4
const THINKS_MS = 20_000
const WEIGHTS = {
  create: 3,
  update: 4,
  pause: 3,
  resume: 5,
  trigger: 6,
  delete: 0.5,
  cancel: 4,
  retry: 3,
  redeliver: 1,
  read: 3,
} satisfies Record<Op['asks'], number>

/** What all clients know of each other's work. */
export class Acquaintance {
  readonly jobIds: string[] = []
  readonly names = new Map<string, string>()
  readonly drafts: Drafts
  readonly runIds: string[] = []
  created = 0

  constructor(drafts: Drafts) {
    this.drafts = drafts
  }
}

export class Client {
  /** Share of answers that never arrive. */
  lostAnswers = 0
  readonly ops: Op[] = []
  readonly #name: string
  readonly #parts: ClientParts
  readonly #known: Acquaintance
  #asked = 0

  constructor(name: string, known: Acquaintance, parts: ClientParts) {
    this.#name = name
    this.#known = known
    this.#parts = parts
  }

  async work(until: number): Promise<void> {
    const { dice, timeline, jobsMax } = this.#parts
    while (timeline.now < until) {
      const asks = this.#known.jobIds.length < jobsMax ? 'create' : dice.weighed(WEIGHTS)
      await this.ask(asks)
      const settled = this.#known.jobIds.length >= jobsMax
      await timeline.sleep(dice.wait(settled ? THINKS_MS : 500))
    }
  }

  /** Pauses every job there is, so that all of what is under way comes to its end. */
  async quieten(jobIds: readonly string[]): Promise<void> {
    for (const id of jobIds) {
      const act: Ask = async (ctx) => ({ id: (await pauseJob(ctx, WHO, { idOrName: id }, {})).id })
      while ((await this.#send(act)).outcome === 'info') await this.#parts.timeline.sleep(100)
    }
  }

  async ask(asks: Op['asks']): Promise<void> {
    const { dice, timeline, trace, storeNow, coverage } = this.#parts
    const known = this.#known
    this.#asked += 1
    const keyed = asks === 'create' || asks === 'trigger' || asks === 'retry'
    const key = keyed ? `${this.#name}-${this.#asked}` : null
    const about = this.#about(asks)
    if (about === null) return
    const act = this.#asking(asks, about, key)
    const begunAt = storeNow()
    const op: Op = {
      client: this.#name,
      asks,
      key,
      begunAt,
      endedAt: begunAt,
      outcome: 'info',
      id: null,
      about,
      code: null,
    }
    this.ops.push(op)
    if (!keyed) op.id = about
    // A proxy on the way may send a request again by itself.
    if (keyed && dice.chance(0.1)) {
      coverage.count('requests of clients doubled')
      void this.#send(act)
    }
    for (let asked = 1; op.outcome === 'info' && asked <= ASKS_MAX; asked += 1) {
      if (asked > 1) coverage.count('requests of clients repeated')
      const heard = await this.#send(act)
      op.outcome = heard.outcome
      op.code = heard.code
      if (heard.id !== null) op.id = heard.id
      // Without a key nobody may repeat it blindly.
      if (!keyed && !dice.chance(0.5)) break
      if (op.outcome === 'info') await timeline.sleep(dice.ms(50, 3_000))
    }
    op.endedAt = storeNow()
    if (op.outcome === 'ok' && op.id !== null && asks === 'create') known.jobIds.push(op.id)
    if (op.outcome === 'ok' && op.id !== null && asks === 'trigger') known.runIds.push(op.id)
    coverage.count(`answers: ${op.outcome}`)
    trace.note(timeline.now, this.#name, `${asks} ${op.key ?? ''} ${op.outcome} ${op.id} ${op.code ?? ''}`)
  }

  #about(asks: Op['asks']): string | null {
    const { dice } = this.#parts
    const { jobIds, runIds } = this.#known
    if (asks === 'create') return ''
    const ids = asks === 'cancel' || asks === 'retry' ? runIds.slice(-5) : jobIds
    return ids.length === 0 ? null : dice.pick(ids)
  }

  #asking(asks: Op['asks'], about: string, key: string | null): Ask {
    const { dice, storeNow } = this.#parts
    const now = storeNow()
    const ref = { idOrName: about }
    const mark = { key: key ?? '', hash: `${asks} ${about} ${key}` }
    if (asks === 'create') {
      const { drafts } = this.#known
      this.#known.created += 1
      const wanted = drafts.of(`job-${this.#known.created}`, now)
      return async (ctx) => {
        const { job, replayed } = await createJob(ctx, WHO, wanted, mark)
        this.#known.names.set(job.id, job.spec.name)
        return { id: job.id, replayed }
      }
    }
    if (asks === 'update') {
      const wanted = this.#known.drafts.of(this.#known.names.get(about)!, now)
      const ifVersion = dice.chance(0.2) ? dice.int(1, 3) : null
      return async (ctx) => ({ id: (await updateJob(ctx, WHO, ref, wanted, ifVersion)).job.id })
    }
    if (asks === 'pause') {
      const request = dice.chance(0.4)
        ? { until: new Date(now + dice.ms(10_000, 900_000)).toISOString() }
        : {}
      return async (ctx) => ({ id: (await pauseJob(ctx, WHO, ref, request)).id })
    }
    if (asks === 'resume') {
      return async (ctx) => ({ id: (await resumeJob(ctx, WHO, ref, {})).id })
    }
    if (asks === 'trigger') {
      const request = { params: { n: this.#asked }, force: dice.chance(0.3) }
      return async (ctx) => {
        const { run, replayed } = await triggerJob(ctx, WHO, ref, request, mark)
        return { id: run.id, replayed }
      }
    }
    if (asks === 'delete') return (ctx) => deleteJob(ctx, WHO, ref, null).then(() => ({ id: about }))
    if (asks === 'cancel') return async (ctx) => ({ id: (await cancelRun(ctx, WHO, about)).id })
    if (asks === 'retry') {
      return async (ctx) => {
        const { run, replayed } = await retryRun(ctx, WHO, about, mark)
        return { id: run.id, replayed }
      }
    }
    if (asks === 'redeliver') return (ctx) => redeliverOne(ctx, about)
    return async (ctx) => {
      const ledger = await readLedger(ctx, WHO, ref, { from: null, to: null, limit: 50 })
      await explainJob(ctx, WHO, ref, null)
      this.#meet(ledger.runs.map(({ id }) => id))
      return { id: about }
    }
  }

  /** Runs of the schedule are cancelled and tried again too. */
  #meet(runIds: readonly string[]): void {
    this.#known.runIds.push(...runIds.slice(-2))
  }

  /** One request to one node, and what came of it as far as this client can tell. */
  #send(act: Ask): Promise<Heard> {
    const { dice, timeline } = this.#parts
    const node = dice.pick(this.#parts.nodes)
    const there = dice.ms(1, 20)
    const lost = dice.chance(this.lostAnswers)
    return new Promise((resolve) => {
      const nothing: Heard = { outcome: 'info', id: null, code: null }
      timeline.after(PATIENCE_MS, () => resolve(nothing))
      timeline.after(there, () => {
        const { server } = node
        if (server === null) {
          timeline.after(1, () => resolve({ ...nothing, code: 'nobody there' }))
          return
        }
        server.process.reach(() => {
          this.#answer(act, server.ctx).then((heard) => {
            if (heard.outcome === 'ok' && lost) this.#parts.coverage.count('answers to clients lost')
            else server.process.comesBack(there).then(() => resolve(heard))
          })
        })
      })
    })
  }

  async #answer(act: Ask, ctx: Context): Promise<Heard> {
    try {
      const { id, replayed } = await act(ctx)
      if (replayed === true) this.#parts.coverage.count('requests answered from memory')
      return { outcome: 'ok', id, code: null }
    } catch (error) {
      if (error instanceof AppError) return { outcome: 'fail', id: null, code: error.code }
      if (!(error instanceof StoreUnavailable)) this.#parts.onDefect(`a client was answered 500: ${error}`)
      return { outcome: 'info', id: null, code: 'unavailable' }
    }
  }
}

async function redeliverOne(ctx: Context, jobId: string): Promise<Answer> {
  const { items } = await ctx.store.outbox.list({ jobId }, { limit: 20 })
  const ended =
    items.find(({ status }) => status === 'dead') ?? items.find(({ status }) => status === 'delivered')
  if (ended === undefined) return { id: null }
  return { id: (await redeliverCallback(ctx, WHO, ended.id)).id }
}
