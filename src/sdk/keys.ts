// API keys. A secret is answered once, when it is made.

import type { Key, KeyDraft, KeyEdit, KeyPage, KeyRotation, KeyWithSecret } from '../protocol/key.ts'
import type { CallOptions } from './client-options.ts'
import { everyItem, type PageQuery } from './pages.ts'
import { segment } from './query.ts'
import type { Transport } from './transport.ts'

export class KeysGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Makes a key. Keep `secret`: nobody can read it again. Never sent a second time by itself. */
  create(draft: KeyDraft, options: CallOptions = {}): Promise<KeyWithSecret> {
    return this.#transport.call({ ...options, method: 'POST', path: '/v1/keys', body: draft, once: true })
  }

  /** One page of keys. */
  list(query: PageQuery = {}, options: CallOptions = {}): Promise<KeyPage> {
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/keys', query })
  }

  /** All keys, page after page. */
  all(query: PageQuery = {}, options: CallOptions = {}): AsyncGenerator<Key, void, undefined> {
    return everyItem(query, (page) => this.list(page, options))
  }

  /** Changes what is given; what is left out stays. Its secret and its projects stay too. */
  edit(id: string, edit: KeyEdit, options: CallOptions = {}): Promise<Key> {
    return this.#transport.call({ ...options, method: 'PATCH', path: `/v1/keys/${segment(id)}`, body: edit })
  }

  /** A new secret for the same key; the old one works for `overlap` longer. Never sent a second time by itself. */
  rotate(id: string, request: KeyRotation = {}, options: CallOptions = {}): Promise<KeyWithSecret> {
    const path = `/v1/keys/${segment(id)}/rotate`
    return this.#transport.call({ ...options, method: 'POST', path, body: request, once: true })
  }

  /** Ends a key for good, at once. */
  revoke(id: string, options: CallOptions = {}): Promise<Key> {
    return this.#transport.call({ ...options, method: 'DELETE', path: `/v1/keys/${segment(id)}` })
  }
}
