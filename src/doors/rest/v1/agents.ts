// Agents as an operator sees them, and the way in for new ones.

import { createJoinToken, endJoinToken, listJoinTokens } from '../../../commands/agent-tokens.ts'
import { drainAgent, getAgent, listAgents, removeAgent } from '../../../commands/agents.ts'
import { joinAgent, rotateAgentKey } from '../../../commands/join-agent.ts'
import * as protocol from '../../../protocol/agent.ts'
import { endpoint } from '../../http/endpoint.ts'
import { PAGE_PARAMETERS, pageAnswer, pageRequest } from '../../http/page-reply.ts'
import { presentAgent, presentJoinToken } from './present-agent.ts'

const PARAMS = { agent: 'Name or id of the agent.' } as const

export const listAgentsEndpoint = endpoint({
  method: 'GET',
  path: '/v1/agents',
  operationId: 'listAgents',
  tag: 'Agents',
  summary: 'List agents',
  action: 'agent.read',
  query: PAGE_PARAMETERS,
  replies: { 200: { description: 'A page of agents.', schema: protocol.AgentPage } },
  handle: async ({ ctx, who, url, query }) => {
    const now = ctx.clock.now()
    const page = await listAgents(ctx, who, pageRequest(query))
    return pageAnswer(url, page, (agent) => presentAgent(agent, now))
  },
})

export const getAgentEndpoint = endpoint({
  method: 'GET',
  path: '/v1/agents/{agent}',
  params: PARAMS,
  operationId: 'getAgent',
  tag: 'Agents',
  summary: 'Read an agent',
  action: 'agent.read',
  replies: { 200: { description: 'The agent.', schema: protocol.Agent } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params }) => ({
    status: 200,
    body: presentAgent(await getAgent(ctx, who, params.agent ?? ''), ctx.clock.now()),
  }),
})

export const drainAgentEndpoint = endpoint({
  method: 'POST',
  path: '/v1/agents/{agent}/drain',
  params: PARAMS,
  operationId: 'drainAgent',
  tag: 'Agents',
  summary: 'Let an agent take nothing new, or work again',
  action: 'agent.drain',
  body: { schema: protocol.DrainRequest },
  replies: { 200: { description: 'The agent as it is now.', schema: protocol.Agent } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params, body }) => ({
    status: 200,
    body: presentAgent(await drainAgent(ctx, who, params.agent ?? '', body.drain), ctx.clock.now()),
  }),
})

export const removeAgentEndpoint = endpoint({
  method: 'DELETE',
  path: '/v1/agents/{agent}',
  params: PARAMS,
  operationId: 'removeAgent',
  tag: 'Agents',
  summary: 'Remove an agent',
  description: 'Its key works no more, at once and for good. What it held is lost, and goes elsewhere.',
  action: 'agent.remove',
  replies: { 204: { description: 'Removed.' } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params }) => {
    await removeAgent(ctx, who, params.agent ?? '')
    return { status: 204 }
  },
})

export const createJoinTokenEndpoint = endpoint({
  method: 'POST',
  path: '/v1/agent-tokens',
  operationId: 'createAgentToken',
  tag: 'Agents',
  summary: 'Make a token that lets one agent in, once',
  description: 'The reply holds the token; it cannot be read again.',
  action: 'agent_token.create',
  body: { schema: protocol.JoinTokenDraft },
  replies: { 201: { description: 'Created.', schema: protocol.JoinTokenWithSecret } },
  problems: ['not_found'],
  handle: async ({ ctx, who, body }) => {
    const { token, secret } = await createJoinToken(ctx, who, body)
    return { status: 201, body: { ...presentJoinToken(token), secret } }
  },
})

export const listJoinTokensEndpoint = endpoint({
  method: 'GET',
  path: '/v1/agent-tokens',
  operationId: 'listAgentTokens',
  tag: 'Agents',
  summary: 'List join tokens, newest first, used ones too',
  action: 'agent_token.read',
  query: PAGE_PARAMETERS,
  replies: {
    200: { description: 'A page of tokens, without their secrets.', schema: protocol.JoinTokenPage },
  },
  handle: async ({ ctx, who, url, query }) =>
    pageAnswer(url, await listJoinTokens(ctx, who, pageRequest(query)), presentJoinToken),
})

export const endJoinTokenEndpoint = endpoint({
  method: 'DELETE',
  path: '/v1/agent-tokens/{token}',
  params: { token: 'Id of the token.' },
  operationId: 'endAgentToken',
  tag: 'Agents',
  summary: 'End a join token that was not used',
  action: 'agent_token.end',
  replies: { 204: { description: 'It lets nobody in any more.' } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params }) => {
    await endJoinToken(ctx, who, params.token ?? '')
    return { status: 204 }
  },
})

export const joinAgentEndpoint = endpoint({
  method: 'POST',
  path: '/v1/agents/join',
  operationId: 'joinAgent',
  tag: 'Agents',
  summary: 'Come in as a new agent',
  description: 'Uses the join token up, and answers with a key of the agent’s own.',
  action: 'agent.join',
  body: { schema: protocol.JoinRequest },
  replies: { 201: { description: 'Joined.', schema: protocol.AgentCredential } },
  problems: ['token_invalid', 'name_taken', 'overloaded', 'storage_unavailable'],
  handle: async ({ ctx, body, request }) => {
    const { agent, secret } = await request.judge(body.token, () =>
      joinAgent(ctx, body, request.caller.address),
    )
    return { status: 201, body: { agent: presentAgent(agent, ctx.clock.now()), secret } }
  },
})

export const rotateAgentKeyEndpoint = endpoint({
  method: 'POST',
  path: '/v1/agents/self/rotate',
  operationId: 'rotateAgentKey',
  tag: 'Agents',
  summary: 'Give the calling agent a new key',
  action: 'agent.rotate',
  replies: { 200: { description: 'The new key.', schema: protocol.RotatedSecret } },
  problems: ['not_found'],
  handle: async ({ ctx, who }) => ({ status: 200, body: { secret: await rotateAgentKey(ctx, who) } }),
})
