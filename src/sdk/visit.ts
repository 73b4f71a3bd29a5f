// Who am I, and coming in at the page.

import type { Me, SignIn, Ticket } from '../protocol/visit.ts'
import type { CallOptions } from './client-options.ts'
import type { Transport } from './transport.ts'

export class VisitGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Whose key this is, and what it may do. */
  me(options: CallOptions = {}): Promise<Me> {
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/visit' })
  }

  /** In a browser: exchanges a key or a ticket for a cookie. Never sent a second time by itself. */
  signIn(how: SignIn, options: CallOptions = {}): Promise<Me> {
    return this.#transport.call({ ...options, method: 'POST', path: '/v1/visit', body: how, once: true })
  }

  /** In a browser: the cookie is worth nothing from here on. */
  signOut(options: CallOptions = {}): Promise<void> {
    return this.#transport.call({ ...options, method: 'DELETE', path: '/v1/visit' })
  }

  /** A link that opens the page, signed in as this key. Works once. */
  ticket(options: CallOptions = {}): Promise<Ticket> {
    return this.#transport.call({ ...options, method: 'POST', path: '/v1/visit/tickets', once: true })
  }
}
