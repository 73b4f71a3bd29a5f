// Who am I, and coming in at the page.

import type { LoginPlace, Me, OpenVisit, SignIn, Ticket, VisitPage, WaysIn } from '../protocol/visit.ts'
import type { CallOptions } from './client-options.ts'
import { everyItem, type PageQuery } from './pages.ts'
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

  /** By whom people come in, besides keys and links. */
  ways(options: CallOptions = {}): Promise<WaysIn> {
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/visit/ways' })
  }

  /** In a browser: where to go on to sign in by this issuer. */
  begin(issuer: string, options: CallOptions = {}): Promise<LoginPlace> {
    const path = '/v1/visit/issuer'
    return this.#transport.call({ ...options, method: 'POST', path, body: { issuer }, once: true })
  }

  /** One page of those who are signed in: one's own visits, for an admin also others'. */
  list(query: PageQuery = {}, options: CallOptions = {}): Promise<VisitPage> {
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/visits', query })
  }

  /** All of them, page after page. */
  all(query: PageQuery = {}, options: CallOptions = {}): AsyncGenerator<OpenVisit, void, undefined> {
    return everyItem(query, (page) => this.list({ ...query, ...page }, options))
  }

  /** Signs somebody out. */
  revoke(id: string, options: CallOptions = {}): Promise<void> {
    const path = `/v1/visits/${encodeURIComponent(id)}`
    return this.#transport.call({ ...options, method: 'DELETE', path })
  }

  /** A link that opens the page, signed in as this key. Works once. */
  ticket(options: CallOptions = {}): Promise<Ticket> {
    return this.#transport.call({ ...options, method: 'POST', path: '/v1/visit/tickets', once: true })
  }
}
