// The two others of the burst: a bare loop of undici requests, and BullMQ. Each is a process of its own that makes
// the same number of POSTs with the same bytes to the same sink, when it is told to.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

export type Load = {
  readonly url: string
  readonly count: number
  /** Requests under way at once, and connections. */
  readonly width: number
  /** false: answers are thrown away as they come. */
  readonly reads: boolean
}

export type LoadDone = { readonly ms: number; readonly error?: string }

/** `prepare` readies what is to be due, `go` is the due instant. */
export type Order = ({ readonly order: 'prepare' } & Load) | { readonly order: 'go' }

export class Contender implements AsyncDisposable {
  readonly #child: ChildProcess

  constructor(file: string, args: readonly string[] = []) {
    this.#child = fork(new URL(file, import.meta.url), args)
  }

  /** Milliseconds from `go` to the last one recorded. */
  async run(load: Load): Promise<number> {
    await this.#tell({ order: 'prepare', ...load })
    return (await this.#tell({ order: 'go' })).ms
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }

  async #tell(order: Order): Promise<LoadDone> {
    this.#child.send(order)
    const [done] = (await once(this.#child, 'message')) as [LoadDone]
    if (done.error !== undefined) throw new Error(done.error)
    return done
  }
}

/** The other side: in the process of the contender. */
export function obey(
  prepare: (load: Load) => Promise<void>,
  go: () => Promise<void>,
  close: () => Promise<void>,
): void {
  process.on('message', async (order: Order) => {
    try {
      const began = performance.now()
      await (order.order === 'prepare' ? prepare(order) : go())
      process.send!({ ms: performance.now() - began } satisfies LoadDone)
    } catch (error) {
      process.send!({ ms: 0, error: String((error as Error).stack) } satisfies LoadDone)
    }
  })
  process.on('disconnect', () => void close().then(() => process.exit()))
}

/** What a run's request carries: the same names and lengths for all. */
export function sameHeaders(id: string): Record<string, string> {
  return {
    'User-Agent': 'Carillon/0.1.0',
    Accept: '*/*',
    'Accept-Encoding': 'identity',
    'Content-Type': 'application/json',
    'Idempotency-Key': id,
    'Carillon-Run-Id': id,
    'Carillon-Job-Id': 'job_01M1B9DT4V3G8R6H7S2K5N9PQX',
    'Carillon-Job-Name': 'bench-000000-00000',
    'Carillon-Attempt': '1',
    'Carillon-Due-At': '2027-01-31T02:30:00.000Z',
    'Carillon-Fence': '1',
    'Carillon-Trigger': 'schedule',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169200001-01',
  }
}

export const BODY = JSON.stringify({ hello: 'world' })
