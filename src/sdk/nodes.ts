// Nodes: the servers that share one store.

import type { Node, NodeList } from '../protocol/node.ts'
import type { CallOptions } from './client-options.ts'
import { segment } from './query.ts'
import type { Transport } from './transport.ts'

export class NodesGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Those that are there, then those that went last. */
  list(options: CallOptions = {}): Promise<NodeList> {
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/nodes' })
  }

  /** It finishes what it has and takes nothing new; `/readyz` says so. */
  drain(id: string, options: CallOptions = {}): Promise<Node> {
    return this.#transport.call({ ...options, method: 'POST', path: `/v1/nodes/${segment(id)}/drain` })
  }

  /** It takes work again. */
  undrain(id: string, options: CallOptions = {}): Promise<Node> {
    return this.#transport.call({ ...options, method: 'POST', path: `/v1/nodes/${segment(id)}/undrain` })
  }
}
