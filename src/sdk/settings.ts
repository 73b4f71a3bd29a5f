// What the server that answers runs with.

import type { Settings } from '../protocol/settings.ts'
import type { CallOptions } from './client-options.ts'
import type { Transport } from './transport.ts'

export class SettingsGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Every option, its value and who said so; of secrets only whether they are set. */
  read(options: CallOptions = {}): Promise<Settings> {
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/settings' })
  }
}
