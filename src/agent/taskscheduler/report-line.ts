// Tells the server of taskscheduler what tasks have put out. In order, one at a time, again when it does not answer; what is
// more than it can hold meanwhile is dropped, oldest first.

import type { Chance } from '../../ports/chance.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Notifier } from '../../ports/dispatcher.ts'
import { TASK_PATHS } from '../../protocol/taskscheduler.ts'
import type { TaskOutput } from './task-runner.ts'

export const REPORT_LIMITS = {
  waitingMax: 200,
  timeoutMs: 10_000,
  firstPauseMs: 1_000,
  pauseMaxMs: 30_000,
} as const

export type ReportLineOptions = {
  readonly clock: Clock
  readonly chance: Chance
  readonly notifier: Notifier
  /** Its address; a key may stand in it, as in http://any:KEY@host. */
  readonly server: string
  readonly agentId: string
  readonly onError: (message: string) => void
}

type Report = { readonly id: string; readonly url: string; readonly body: string }

export class ReportLine implements AsyncDisposable {
  readonly #options: ReportLineOptions
  readonly #waiting: Report[] = []
  readonly #leaving = new AbortController()
  #sending: Promise<void> | null = null
  #wake: () => void = () => {}

  constructor(options: ReportLineOptions) {
    this.#options = options
  }

  tell(taskId: string, { stdout, stderr }: TaskOutput): void {
    const { server, agentId, chance, onError } = this.#options
    const url = addressOf(server).base + TASK_PATHS.complete.replace('{task_id}', encodeURIComponent(taskId))
    // Its program and its document have different names for the agent.
    const body = JSON.stringify({
      agent_id: agentId,
      server_id: agentId,
      ...(stdout === '' ? {} : { stdout }),
      ...(stderr === '' ? {} : { stderr }),
    })
    if (this.#waiting.length >= REPORT_LIMITS.waitingMax) {
      this.#waiting.shift()
      onError('too many outputs wait for the server: the oldest was dropped')
    }
    this.#waiting.push({ id: chance.id('req'), url, body })
    this.#sending ??= this.#send().finally(() => (this.#sending = null))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leaving.abort()
    this.#wake()
    await this.#sending
  }

  async #send(): Promise<void> {
    let pauseMs: number = REPORT_LIMITS.firstPauseMs
    for (let report = this.#waiting[0]; report !== undefined; report = this.#waiting[0]) {
      if (this.#leaving.signal.aborted) return
      if (await this.#sent(report)) {
        // It may have been dropped meanwhile.
        if (this.#waiting[0] === report) this.#waiting.shift()
        pauseMs = REPORT_LIMITS.firstPauseMs
        continue
      }
      await this.#pause(pauseMs)
      pauseMs = Math.min(2 * pauseMs, REPORT_LIMITS.pauseMaxMs)
    }
  }

  async #sent({ id, url, body }: Report): Promise<boolean> {
    const { notifier, server, onError } = this.#options
    const { headers } = addressOf(server)
    const told = await notifier.notify(
      { id, callback: { url, headers }, body, timeoutMs: REPORT_LIMITS.timeoutMs },
      this.#leaving.signal,
    )
    if (told.ok) return true
    onError(`an output could not be told: ${told.message}`)
    // What is refused now is refused again; a key that is wrong may be mended.
    const { status } = told
    return status !== null && status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status)
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    const cancel = this.#options.clock.after(ms, resolve)
    if (this.#leaving.signal.aborted) resolve()
    await promise
    cancel()
  }
}

function addressOf(server: string): {
  readonly base: string
  readonly headers: Readonly<Record<string, string>>
} {
  const url = new URL(server)
  const key = decodeURIComponent(url.password)
  return {
    base: url.origin + url.pathname.replace(/\/+$/, ''),
    headers: key === '' ? {} : { Authorization: `Bearer ${key}` },
  }
}
