// How everything is, at a glance.

import type { Overview } from '../protocol/overview.ts'
import type { CallOptions } from './client-options.ts'
import type { Transport } from './transport.ts'

export class OverviewGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The last day, the next week, what is under way; of all projects the key may enter, or of one. */
  read(query: { readonly project?: string | undefined } = {}, options: CallOptions = {}): Promise<Overview> {
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/overview', query })
  }
}
