// Nodes: which servers share this store, and draining one before it is stopped.

import { drainNode, listNodes } from '../../../commands/nodes.ts'
import type { NodeState } from '../../../domain/node.ts'
import * as protocol from '../../../protocol/node.ts'
import { type Endpoint, endpoint } from '../../http/endpoint.ts'
import { presentNode } from './present-node.ts'

export type OwnNode = {
  /** The node that answers, and what it knows of itself that the store does not know yet. */
  readonly own: () => Pick<NodeState, 'id' | 'figures'>
}

const PARAMS = { node: 'Id of the node.' } as const

export function nodeEndpoints({ own }: OwnNode): Endpoint[] {
  const drained = (verb: 'drain' | 'undrain', draining: boolean, summary: string, description: string) =>
    endpoint({
      method: 'POST',
      path: `/v1/nodes/{node}/${verb}`,
      params: PARAMS,
      operationId: `${verb}Node`,
      tag: 'Nodes',
      summary,
      description,
      action: 'node.drain',
      replies: { 200: { description: 'The node.', schema: protocol.Node } },
      problems: ['not_found', 'in_use'],
      handle: async ({ ctx, who, params }) => {
        const { node, now } = await drainNode(ctx, who, params.node ?? '', draining)
        return { status: 200, body: presentNode(node, own(), now) }
      },
    })
  return [
    endpoint({
      method: 'GET',
      path: '/v1/nodes',
      operationId: 'listNodes',
      tag: 'Nodes',
      summary: 'List nodes',
      description: 'Those that are there, then those that went last.',
      action: 'node.read',
      replies: { 200: { description: 'The nodes on this store.', schema: protocol.NodeList } },
      handle: async ({ ctx, who }) => {
        const { nodes, now } = await listNodes(ctx, who)
        return { status: 200, body: { items: nodes.map((node) => presentNode(node, own(), now)) } }
      },
    }),
    drained(
      'drain',
      true,
      'Let a node take no more work',
      'It says so at `/readyz`, finishes what it has and takes nothing new. Others take over what comes.',
    ),
    drained('undrain', false, 'Let a node take work again', 'It is ready again within seconds.'),
  ]
}
