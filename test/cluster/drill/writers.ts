// Clients that never rest: each makes one job after the other, asks again under the same key until it is acknowledged, and
// remembers what was and when.

import { createClient } from '../../../src/sdk/index.ts'
import { ADMIN_KEY } from '../../support/server-process.ts'

export type Acknowledged = { readonly name: string; readonly at: number }

const TIMEOUT_MS = 2_000
const AGAIN_AFTER_MS = 20

export class Writers {
  readonly acknowledged: Acknowledged[] = []
  /** Requests that were answered otherwise, or not at all. */
  refused = 0
  readonly #writers: Promise<void>[]
  #stopped = false

  /** Each goes on at the next server when one does not answer. */
  constructor(urls: () => readonly string[], count: number, prefix: string) {
    this.#writers = Array.from({ length: count }, (_, n) => this.#write(urls, n, `${prefix}-${n}`))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#writers)
  }

  async #write(urls: () => readonly string[], first: number, prefix: string): Promise<void> {
    let turn = first
    for (let n = 0; !this.#stopped; n += 1) {
      const name = `${prefix}-${n}`
      while (!this.#stopped) {
        const url = urls()[turn % urls().length]!
        const client = createClient({ url, apiKey: ADMIN_KEY, retries: 0, timeoutMs: TIMEOUT_MS })
        const draft = { name, schedule: {}, target: { http: { url: 'http://127.0.0.1:9/' } } }
        try {
          await client.jobs.create(draft, { idempotencyKey: name })
          this.acknowledged.push({ name, at: Date.now() })
          break
        } catch {
          this.refused += 1
          turn += 1
          await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS))
        }
      }
    }
  }
}
