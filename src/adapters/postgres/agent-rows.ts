// Rows of agents and join tokens, and what they are.

import type { Agent, AgentSession, JoinToken } from '../../domain/agent.ts'

export type AgentRow = {
  readonly no: number
  readonly id: string
  readonly name: string
  readonly keyId: string
  readonly granted: string
  readonly labels: string
  readonly projectIds: string | null
  readonly slots: number
  readonly version: string
  readonly hostname: string
  readonly draining: boolean
  readonly createdAt: number
  readonly sessionNo: number | null
  readonly sessionId: string | null
  readonly openedAt: number
  readonly seenAt: number
  readonly leaseUntil: number
  readonly endedAt: number | null
}

export const AGENTS = `SELECT a.no, a.id, a.name, a.key_id AS "keyId", a.granted, a.labels,
    a.project_ids AS "projectIds", a.slots, a.version, a.hostname, a.draining, a.created_at AS "createdAt",
    a.session_no AS "sessionNo", n.id AS "sessionId", n.started_at AS "openedAt", n.seen_at AS "seenAt",
    n.lease_until AS "leaseUntil", n.left_at AS "endedAt"
  FROM agents a LEFT JOIN nodes n ON n.no = a.session_no WHERE a.removed_at IS NULL`

export function toAgent(row: AgentRow): Agent {
  return {
    id: row.id,
    name: row.name,
    keyId: row.keyId,
    granted: JSON.parse(row.granted),
    labels: JSON.parse(row.labels),
    projectIds: row.projectIds === null ? null : JSON.parse(row.projectIds),
    slots: row.slots,
    version: row.version,
    hostname: row.hostname,
    draining: row.draining,
    createdAt: row.createdAt,
    session: sessionOf(row),
  }
}

function sessionOf({ sessionId, openedAt, seenAt, leaseUntil, endedAt }: AgentRow): AgentSession | null {
  return sessionId === null ? null : { id: sessionId, openedAt, seenAt, leaseUntil, endedAt }
}

export type TokenRow = Omit<JoinToken, 'labels' | 'projectIds'> & {
  readonly no: number
  readonly labels: string
  readonly projectIds: string | null
}

export const TOKENS = `SELECT no, id, hint, hash, labels, project_ids AS "projectIds", created_at AS "createdAt",
  created_by AS "createdBy", expires_at AS "expiresAt", used_at AS "usedAt", used_by AS "usedBy" FROM join_tokens`

export function toToken({ no: _, labels, projectIds, ...row }: TokenRow): JoinToken {
  return {
    ...row,
    labels: JSON.parse(labels),
    projectIds: projectIds === null ? null : JSON.parse(projectIds),
  }
}
