// Callbacks: who was told, who is to be told, and who could not be.

import type { CallbackDelivery, CallbackDetail, CallbackPage } from '../protocol/callback.ts'
import type { CallOptions } from './client-options.ts'
import { everyItem, type PageQuery } from './pages.ts'
import { segment } from './query.ts'
import type { Transport } from './transport.ts'

export type CallbackQuery = PageQuery & {
  readonly status?: CallbackDelivery['status'] | undefined
  /** Name or id of a job. */
  readonly job?: string | undefined
  /** Id of a run. */
  readonly run?: string | undefined
  /** Name or id of a project. */
  readonly project?: string | undefined
}

export class CallbacksGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** One page of callbacks. */
  list(query: CallbackQuery = {}, options: CallOptions = {}): Promise<CallbackPage> {
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/callbacks', query })
  }

  /** All callbacks, page after page. */
  all(
    query: CallbackQuery = {},
    options: CallOptions = {},
  ): AsyncGenerator<CallbackDelivery, void, undefined> {
    return everyItem(query, (page) => this.list(page, options))
  }

  /** A callback with every try to deliver it. */
  get(id: string, options: CallOptions = {}): Promise<CallbackDetail> {
    return this.#transport.call({ ...options, method: 'GET', path: `/v1/callbacks/${segment(id)}` })
  }

  /** Tries an ended one again from the start. Never sent a second time by itself. */
  redeliver(id: string, options: CallOptions = {}): Promise<CallbackDelivery> {
    const path = `/v1/callbacks/${segment(id)}/redeliver`
    return this.#transport.call({ ...options, method: 'POST', path, once: true })
  }
}
