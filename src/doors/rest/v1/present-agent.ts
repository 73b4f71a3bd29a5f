// Agents and their tokens, from what is true inside to what goes over the wire.

import { type Agent, isLive, type JoinToken } from '../../../domain/agent.ts'
import type * as protocol from '../../../protocol/agent.ts'
import { iso, isoOrNull } from './present.ts'

export function presentAgent(agent: Agent, now: number): protocol.Agent {
  const { id, name, labels, projectIds, slots, version, hostname, session } = agent
  return {
    id,
    name,
    labels: { ...labels },
    projectIds: projectIds === null ? null : [...projectIds],
    slots,
    version,
    hostname,
    status: !isLive(session, now) ? 'away' : agent.draining ? 'draining' : 'live',
    createdAt: iso(agent.createdAt),
    seenAt: isoOrNull(session?.seenAt ?? null),
  }
}

/** Never the hash. */
export function presentJoinToken({ hash: _, labels, projectIds, ...token }: JoinToken): protocol.JoinToken {
  return {
    id: token.id,
    hint: token.hint,
    labels: { ...labels },
    projectIds: projectIds === null ? null : [...projectIds],
    createdAt: iso(token.createdAt),
    createdBy: token.createdBy,
    expiresAt: iso(token.expiresAt),
    usedAt: isoOrNull(token.usedAt),
    usedBy: token.usedBy,
  }
}
