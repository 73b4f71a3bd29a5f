// Agents as an operator sees them, and the tokens by which new ones come in.

import type {
  Agent,
  AgentCredential,
  AgentPage,
  JoinRequest,
  JoinTokenDraft,
  JoinTokenPage,
  JoinTokenWithSecret,
} from '../protocol/agent.ts'
import type { CallOptions } from './client-options.ts'
import { everyItem, type PageQuery } from './pages.ts'
import { segment } from './query.ts'
import type { Transport } from './transport.ts'

export class AgentsGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** One page of agents. */
  list(query: PageQuery = {}, options: CallOptions = {}): Promise<AgentPage> {
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/agents', query })
  }

  /** All agents, page after page. */
  all(query: PageQuery = {}, options: CallOptions = {}): AsyncGenerator<Agent, void, undefined> {
    return everyItem(query, (page) => this.list(page, options))
  }

  /** One, by name or id. */
  get(agent: string, options: CallOptions = {}): Promise<Agent> {
    return this.#transport.call({ ...options, method: 'GET', path: `/v1/agents/${segment(agent)}` })
  }

  /** It takes nothing new; or, with `false`, takes work again. */
  drain(agent: string, drain = true, options: CallOptions = {}): Promise<Agent> {
    const path = `/v1/agents/${segment(agent)}/drain`
    return this.#transport.call({ ...options, method: 'POST', path, body: { drain } })
  }

  /** Its key works no more, at once. What it held goes elsewhere. */
  remove(agent: string, options: CallOptions = {}): Promise<void> {
    return this.#transport.call({ ...options, method: 'DELETE', path: `/v1/agents/${segment(agent)}` })
  }

  /** A token that lets one agent in, once. Never sent a second time by itself. */
  createToken(draft: JoinTokenDraft = {}, options: CallOptions = {}): Promise<JoinTokenWithSecret> {
    return this.#transport.call({
      ...options,
      method: 'POST',
      path: '/v1/agent-tokens',
      body: draft,
      once: true,
    })
  }

  /** One page of join tokens, newest first, used ones too. */
  tokens(query: PageQuery = {}, options: CallOptions = {}): Promise<JoinTokenPage> {
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/agent-tokens', query })
  }

  /** Ends a token that was not used. */
  endToken(id: string, options: CallOptions = {}): Promise<void> {
    return this.#transport.call({ ...options, method: 'DELETE', path: `/v1/agent-tokens/${segment(id)}` })
  }

  /** Comes in as a new agent. Never sent a second time by itself: the token is used up by the first. */
  join(request: JoinRequest, options: CallOptions = {}): Promise<AgentCredential> {
    return this.#transport.call({
      ...options,
      method: 'POST',
      path: '/v1/agents/join',
      body: request,
      once: true,
    })
  }
}
