// How the server is, and which one it is. Needs no key, but for metrics and the checks in detail.

import type { Alive, Readiness, Version } from '../protocol/health.ts'
import type { CallOptions } from './client-options.ts'
import type { Transport } from './transport.ts'

export class HealthGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Is the process alive? */
  live(options: CallOptions = {}): Promise<Alive> {
    return this.#transport.call({ ...options, method: 'GET', path: '/livez' })
  }

  /** Can it work now? `unavailable` is an answer, not an error. */
  ready(options: CallOptions & { readonly verbose?: boolean } = {}): Promise<Readiness> {
    const { verbose, ...rest } = options
    const query = verbose === true ? { verbose: 'true' } : {}
    return this.#transport.call({ ...rest, method: 'GET', path: '/readyz', query, alsoFine: [503] })
  }

  version(options: CallOptions = {}): Promise<Version> {
    return this.#transport.call({ ...options, method: 'GET', path: '/version' })
  }

  /** The metrics in the text form of Prometheus. */
  metrics(options: CallOptions = {}): Promise<string> {
    return this.#transport.text('/metrics', options)
  }
}
