// The audit: what was changed last, and the whole chain for copies and checks.

import { listAudit, readAuditChain } from '../../../commands/read-audit.ts'
import { ACTIONS, type Action } from '../../../domain/actions.ts'
import type { AuditEntry } from '../../../domain/audit.ts'
import * as protocol from '../../../protocol/audit.ts'
import { endpoint } from '../../http/endpoint.ts'
import { PAGE_PARAMETERS, pageAnswer, pageRequest } from '../../http/page-reply.ts'
import { choice, instant, integer, text } from '../../http/query.ts'
import { iso } from './present.ts'
import { refuseEmptyRange } from './runs.ts'

const CHAIN_MAX = 1_000

export const listAuditEndpoint = endpoint({
  method: 'GET',
  path: '/v1/audit',
  operationId: 'listAudit',
  tag: 'Audit',
  summary: 'Who changed what',
  description: 'Newest first.',
  action: 'audit.read',
  query: {
    ...PAGE_PARAMETERS,
    project: text('Of this project: its id, or its name.'),
    action: choice('Of this action.', Object.keys(ACTIONS) as Action[]),
    actor: text('Asked for by this key: its id.'),
    subject: text('Done to this: the id of a job, a run, a key; the name of a secret.'),
    from: instant('At this instant or later.'),
    to: instant('Before this instant.'),
  },
  replies: { 200: { description: 'A page of entries.', schema: protocol.AuditPage } },
  problems: ['not_found'],
  handle: async ({ ctx, who, url, query }) => {
    const { limit: _limit, cursor: _cursor, ...filter } = query
    refuseEmptyRange(filter.from, filter.to)
    return pageAnswer(url, await listAudit(ctx, who, filter, pageRequest(query)), presentEntry)
  },
})

export const readAuditChainEndpoint = endpoint({
  method: 'GET',
  path: '/v1/audit/chain',
  operationId: 'readAuditChain',
  tag: 'Audit',
  summary: 'The audit link by link',
  description:
    'For a copy elsewhere, and for checking: the hash of a link is SHA-256, in hex, of the JSON array [hash before, link, id, at ' +
    'in epoch milliseconds, actorId, actorName, action, projectId, subject, detail]; before the first stand 64 zeros.',
  action: 'audit.read',
  query: {
    after: integer('The link after which it goes on.', 0, 999_999_999, 0),
    limit: integer('Links in one answer.', 1, CHAIN_MAX, CHAIN_MAX),
  },
  replies: { 200: { description: 'The next links.', schema: protocol.AuditChain } },
  handle: async ({ ctx, who, query }) => {
    const links = await readAuditChain(ctx, who, query.after ?? 0, query.limit ?? CHAIN_MAX)
    return { status: 200, body: { items: links.map(presentEntry) } }
  },
})

function presentEntry(entry: AuditEntry): protocol.AuditEntry {
  return { ...entry, at: iso(entry.at), detail: { ...entry.detail } }
}
