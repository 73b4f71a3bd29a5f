// A node as the outside sees it.

import { type NodeState, SOLE_LEASE_MS } from '../../../domain/node.ts'
import type * as protocol from '../../../protocol/node.ts'

export function presentNode(
  node: NodeState,
  own: Pick<NodeState, 'id' | 'figures'>,
  now: number,
): protocol.Node {
  const { id, epoch, hostname, pid, version, startedAt, leaseUntil, gone } = node
  const self = id === own.id
  const figures = self ? own.figures : node.figures
  return {
    id,
    epoch,
    hostname,
    pid,
    version,
    status: statusOf(node, now),
    self,
    startedAt: iso(startedAt),
    leaseUntil: leaseUntil - startedAt >= SOLE_LEASE_MS ? null : iso(leaseUntil),
    endedAt: gone === null ? null : iso(gone.at),
    // Before it has heard what is asked of it, it may still take more.
    held: figures?.draining === node.draining ? figures.held : null,
    skewMs: figures?.skewMs ?? null,
    latenessP50Ms: figures?.latenessP50Ms ?? null,
    latenessP99Ms: figures?.latenessP99Ms ?? null,
  }
}

function statusOf({ gone, draining, leaseUntil }: NodeState, now: number): protocol.NodeStatus {
  if (gone !== null) return gone.end
  if (leaseUntil < now) return 'silent'
  return draining ? 'draining' : 'live'
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
