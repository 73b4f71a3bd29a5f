// Runs: the entries of the ledger.

import type { RecentRuns } from '../protocol/overview.ts'
import type { Reason, Run, RunDetail, RunPage, RunStatus } from '../protocol/run.ts'
import type { CallOptions, CreateOptions } from './client-options.ts'
import { CarillonError } from './error.ts'
import { everyItem, type PageQuery } from './pages.ts'
import { segment } from './query.ts'
import { sleep } from './retry-wait.ts'
import type { Transport } from './transport.ts'

export type RunQuery = PageQuery & {
  /** Name or id of a job. */
  readonly job?: string | undefined
  /** Name or id of a project. Default: all that the key may enter. */
  readonly project?: string | undefined
  readonly status?: RunStatus | readonly RunStatus[] | undefined
  readonly reason?: Reason | readonly Reason[] | undefined
  /** Due at or after this: RFC 3339 or a Date. */
  readonly from?: string | Date | undefined
  /** Due before this. */
  readonly to?: string | Date | undefined
}

export type WaitOptions = {
  /** Gives up after so many milliseconds with a CarillonError `timed_out`. Default: waits as long as it takes. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Told of the run whenever its status or its number of attempts has changed. */
  readonly onChange?: ((run: RunDetail) => void) | undefined
}

const POLL_FIRST_MS = 50
const POLL_LONGEST_MS = 1_000
const SILENCE_MAX_MS = 60_000
const FINAL: readonly RunStatus[] = ['succeeded', 'failed', 'cancelled', 'skipped', 'missed', 'unknown']

/** Has it ended? A final status never changes. */
export function isFinalStatus(status: RunStatus): boolean {
  return FINAL.includes(status)
}

export class RunsGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** One page of runs, the latest first. */
  list(query: RunQuery = {}, options: CallOptions = {}): Promise<RunPage> {
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/runs', query })
  }

  /** All runs, page after page. */
  all(query: RunQuery = {}, options: CallOptions = {}): AsyncGenerator<Run, void, undefined> {
    return everyItem(query, (page) => this.list(page, options))
  }

  /** The last runs of each of up to 100 jobs, newest first, in the order of the ids. */
  recent(jobIds: readonly string[], limit = 20, options: CallOptions = {}): Promise<RecentRuns> {
    const query = { job: jobIds, limit }
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/recent-runs', query })
  }

  /** A run with all its attempts. */
  get(id: string, options: CallOptions = {}): Promise<RunDetail> {
    return this.#transport.call({ ...options, method: 'GET', path: `/v1/runs/${segment(id)}` })
  }

  /** Asks for its end. What runs becomes `cancelling` first. */
  cancel(id: string, options: CallOptions = {}): Promise<Run> {
    return this.#transport.call({ ...options, method: 'POST', path: `/v1/runs/${segment(id)}/cancel` })
  }

  /** A new run that does the work of an ended one again. */
  retry(id: string, options: CreateOptions = {}): Promise<Run> {
    return this.#transport.call({ ...options, method: 'POST', path: `/v1/runs/${segment(id)}/retry` })
  }

  /**
   * Waits until the run has ended, and gives it with all its attempts. A failed run is a result, not an error.
   * A server that is away for less than a minute meanwhile, to restart perhaps, is waited for.
   */
  async wait(id: string, { timeoutMs, signal, onChange }: WaitOptions = {}): Promise<RunDetail> {
    const deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs
    let run = await this.get(id, { signal })
    let heardAt = performance.now()
    onChange?.(run)
    for (
      let pause = POLL_FIRST_MS;
      !isFinalStatus(run.status);
      pause = Math.min(POLL_LONGEST_MS, pause * 1.5)
    ) {
      const left = deadline - performance.now()
      if (left <= 0) throw stillOpen(run, timeoutMs!)
      await sleep(Math.min(pause, left), signal)
      const news = await this.#look(id, signal, heardAt)
      if (news === null) continue
      heardAt = performance.now()
      const changed = news.status !== run.status || news.attemptCount !== run.attemptCount
      run = news
      if (changed) onChange?.(run)
    }
    return run
  }

  /** null: no answer now. */
  async #look(id: string, signal: AbortSignal | undefined, heardAt: number): Promise<RunDetail | null> {
    try {
      return await this.get(id, { signal })
    } catch (error) {
      const away = error instanceof CarillonError && (error.status === 0 || error.status === 503)
      if (away && performance.now() - heardAt < SILENCE_MAX_MS) return null
      throw error
    }
  }
}

function stillOpen(run: Run, timeoutMs: number): CarillonError {
  const detail = `Run ${run.id} is still ${run.status} after ${timeoutMs} ms. It goes on; only the wait has ended.`
  return new CarillonError({ status: 0, code: 'timed_out', detail })
}
