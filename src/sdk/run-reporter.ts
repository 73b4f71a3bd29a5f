// What the receiver of an asynchronous call says of its run, with the token that came with the call.

import type { RunBeat, RunCompletion, RunEnded, RunFailure, RunHeard } from '../protocol/run-protocol.ts'
import type { LogReceipt } from '../protocol/work.ts'
import { segment } from './query.ts'
import { Transport } from './transport.ts'

export type ReporterOptions = {
  /** The address of the server. */
  readonly url: string
  /** From the header Carillon-Run-Id. */
  readonly run: string
  /** From the header Carillon-Run-Token. */
  readonly token: string
}

/**
 * Everything may be repeated.
 *
 * @example
 * const run = new RunReporter({ url, run: headers['carillon-run-id'], token: headers['carillon-run-token'] })
 * const { cancel } = await run.beat({ progress: 0.5 })
 * await (cancel ? run.fail({ message: 'stopped', cancelled: true }) : run.complete())
 */
export class RunReporter {
  readonly #transport: Transport
  readonly #path: string

  constructor({ url, run, token }: ReporterOptions) {
    this.#transport = new Transport({ url, apiKey: token })
    this.#path = `/v1/runs/${segment(run)}`
  }

  /** It goes on. Refused with `fence_stale` when the attempt is over: then stop. */
  beat(news: RunBeat = {}): Promise<RunHeard> {
    return this.#post('beat', news)
  }

  complete(how: RunCompletion = {}): Promise<RunEnded> {
    return this.#post('complete', how)
  }

  fail(how: RunFailure): Promise<RunEnded> {
    return this.#post('fail', how)
  }

  /** Resolves when the piece is durable. `sequence` counts from 0. */
  log(sequence: number, bytes: Uint8Array, stream: 'stdout' | 'stderr' = 'stdout'): Promise<LogReceipt> {
    const path = `${this.#path}/log/chunks/${sequence}?stream=${stream}`
    return this.#transport.call({ method: 'POST', path, bytes })
  }

  /** That was all: so many pieces. */
  async sealLog(chunks: number): Promise<void> {
    await this.#post('log/seal', { chunks })
  }

  #post<T>(what: string, body: object): Promise<T> {
    return this.#transport.call({ method: 'POST', path: `${this.#path}/${what}`, body })
  }
}
