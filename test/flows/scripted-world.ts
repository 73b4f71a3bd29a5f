// The world outside, by script: targets that answer as they are told and remember who called, and one receiver of
// callbacks.

import type { Outcome } from '../../src/domain/outcome.ts'
import type { RunDocument } from '../../src/domain/run-document.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { DeliveryResult, Dispatcher, Notifier } from '../../src/ports/dispatcher.ts'
import type { StopSignal } from '../../src/ports/stop.ts'
import type { Work } from '../../src/ports/store.ts'

/** At once, after some ms, or never. */
export type Reply = Outcome | { readonly afterMs: number; readonly reply: Outcome } | 'never'
/** `nth`: how many calls this job's target has had, this one included. */
export type Script = (work: Work, nth: number) => Reply

export type Call = {
  readonly at: number
  readonly job: string
  readonly runId: string
  readonly dueAt: number
  readonly attempt: number
  readonly cause: string
  readonly fence: number
  readonly nodeId: string
  readonly late: boolean
  readonly params: unknown
  /** Position of the request that carried it: runs of one batch share it. */
  readonly request: number
}

export type Tale = {
  readonly at: number
  readonly id: string
  readonly url: string
  readonly run: RunDocument
}

export const OK: Outcome = { kind: 'ok' }
export const HEARD: DeliveryResult = { ok: true, status: 204, message: 'answered 204' }

export function answered(status: number, more: Partial<Outcome & { kind: 'error' }> = {}): Outcome {
  const response = { status, headers: {}, body: '', bodyBytes: 0, truncated: false }
  return { kind: 'error', code: 'status', message: `answered ${status}`, reached: 'yes', response, ...more }
}

export function slow(afterMs: number, reply: Outcome = OK): Reply {
  return { afterMs, reply }
}

export class Outside {
  readonly calls: Call[] = []
  readonly told: Tale[] = []
  /** Runs whose call was broken off by us. */
  readonly brokenOff: string[] = []
  /** How callbacks are answered. `nth`: of this delivery id. */
  hears: (tale: Tale, nth: number) => DeliveryResult = () => HEARD
  readonly #scripts = new Map<string, Script>()
  #requests = 0
  #silences = 0

  script(job: string, script: Script | Reply): void {
    this.#scripts.set(job, typeof script === 'function' ? script : () => script)
  }

  /** The next so many callbacks get no answer. */
  hearsNever(tellings: number): void {
    this.#silences = tellings
  }

  of(job: string): Call[] {
    return this.calls.filter((call) => call.job === job)
  }

  /** The ways of one process to the outside; they end with it. */
  dispatcher(clock: Clock): Dispatcher {
    return {
      dispatch: (work, signal) => {
        this.#requests += 1
        return this.#carryOut(work, signal, clock)
      },
      dispatchBatch: (batch, signal) => {
        this.#requests += 1
        return Promise.all(batch.map((work) => this.#carryOut(work, signal, clock)))
      },
      batchKey: (work) => (work.spec.target.http?.batch === undefined ? null : work.spec.target.http.url),
    }
  }

  notifier(clock: Clock): Notifier {
    return {
      notify: async ({ id, callback, body, timeoutMs }, signal) => {
        const tale = { at: clock.now(), id, url: callback.url, run: JSON.parse(body) as RunDocument }
        this.told.push(tale)
        if (this.#silences > 0) {
          this.#silences -= 1
          return noAnswer(clock, timeoutMs, signal)
        }
        return this.hears(tale, this.told.filter((other) => other.id === id).length)
      },
    }
  }

  #carryOut(work: Work, signal: StopSignal, clock: Clock): Promise<Outcome> {
    const { run, attempt } = work
    const { jobName: job, dueAt, fence, late, params } = run
    const { number, cause } = attempt
    const { nodeId } = work.run.lease
    const call = { job, dueAt, fence, nodeId, late, params, cause, attempt: number, runId: run.id }
    this.calls.push({ at: clock.now(), ...call, request: this.#requests })
    const reply = this.#scripts.get(job)?.(work, this.of(job).length) ?? OK
    if (typeof reply === 'object' && 'kind' in reply) return Promise.resolve(reply)
    return new Promise((resolve) => {
      if (reply !== 'never') waitUntil(clock, clock.monotonic() + reply.afterMs, () => resolve(reply.reply))
      signal.addEventListener('abort', () => {
        this.brokenOff.push(run.id)
        resolve({ kind: 'cancelled', message: 'the call was cancelled' })
      })
    })
  }
}

/** Longer than one wait of the clock may be. */
function waitUntil(clock: Clock, at: number, then: () => void): void {
  const left = at - clock.monotonic()
  if (left <= 0) then()
  else clock.after(left, () => waitUntil(clock, at, then))
}

function noAnswer(clock: Clock, timeoutMs: number, signal: StopSignal): Promise<DeliveryResult> {
  return new Promise((resolve) => {
    const failed = (message: string): void => resolve({ ok: false, status: null, message })
    clock.after(timeoutMs, () => failed('no answer in time'))
    signal.addEventListener('abort', () => failed('the call was cancelled'))
  })
}
