// The audit, and a check of its chain that trusts nobody: every hash is reckoned anew.

import type { AuditChain, AuditEntry, AuditPage } from '../protocol/audit.ts'
import type { CallOptions } from './client-options.ts'
import { everyItem, type PageQuery } from './pages.ts'
import type { Transport } from './transport.ts'

/** What leaves an entry; the words are those of the list of actions. */
export const AUDITED_ACTIONS = [
  'job.create',
  'job.update',
  'job.delete',
  'job.pause',
  'job.resume',
  'job.trigger',
  'run.cancel',
  'run.retry',
  'script.upload',
  'script.delete',
  'secret.set',
  'secret.delete',
  'secret.reseal',
  'callback.redeliver',
  'agent.join',
  'agent.rotate',
  'agent.drain',
  'agent.remove',
  'agent_token.create',
  'agent_token.end',
  'project.create',
  'project.update',
  'project.delete',
  'door_project.change',
  'key.create',
  'key.edit',
  'key.rotate',
  'key.revoke',
  'visit.ticket',
  'visit.revoke',
  'visit.sign_in',
  'visit.end',
  'node.drain',
] as const

export type AuditQuery = PageQuery & {
  readonly project?: string | undefined
  readonly action?: string | undefined
  readonly actor?: string | undefined
  /** What it was done to: an id, or the name of a secret. */
  readonly subject?: string | undefined
  /** At or after this: RFC 3339 or a Date. */
  readonly from?: string | Date | undefined
  /** Before this. */
  readonly to?: string | Date | undefined
}

export class AuditGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** One page of entries, newest first. */
  list(query: AuditQuery = {}, options: CallOptions = {}): Promise<AuditPage> {
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/audit', query })
  }

  /** All entries, newest first, page after page. */
  all(query: AuditQuery = {}, options: CallOptions = {}): AsyncGenerator<AuditEntry, void, undefined> {
    return everyItem(query, (page) => this.list({ ...query, ...page }, options))
  }

  /** The whole chain from the link after `after` on, oldest first. */
  async *chain(after = 0, options: CallOptions = {}): AsyncGenerator<AuditEntry, void, undefined> {
    for (let last = after; ; ) {
      const query = { after: last, limit: CHAIN_STEP }
      const { items } = await this.#transport.call<AuditChain>({
        ...options,
        method: 'GET',
        path: '/v1/audit/chain',
        query,
      })
      yield* items
      if (items.length < CHAIN_STEP) return
      last = items.at(-1)?.link ?? last
    }
  }
}

const CHAIN_STEP = 1_000

/** What stands before the first link. */
export const AUDIT_ROOT = '0'.repeat(64)

export type Verdict =
  | { readonly ok: true; readonly links: number; readonly head: string }
  | { readonly ok: false; readonly links: number; readonly link: number; readonly reason: string }

/**
 * Checks links in their order, from the first one or from a head that was kept. Ends with the first that is wrong. That the
 * last ones are missing shows only against a head kept elsewhere: `expect` has to be among them.
 */
export async function verifyAudit(
  entries: AsyncIterable<AuditEntry> | Iterable<AuditEntry>,
  {
    from = { link: 0, hash: AUDIT_ROOT },
    expect,
  }: { from?: { link: number; hash: string }; expect?: string } = {},
): Promise<Verdict> {
  let { link, hash: head } = from
  let links = 0
  let met = expect === undefined || expect === head
  for await (const entry of entries) {
    link += 1
    if (entry.link !== link) {
      return {
        ok: false,
        links,
        link,
        reason: `link ${link} is missing: ${entry.link ?? 'none'} comes instead`,
      }
    }
    const { id, at, actorId, actorName, action, projectId, subject, detail, hash } = entry
    const text = [head, link, id, Date.parse(at), actorId, actorName, action, projectId, subject, detail]
    if ((await sha256(JSON.stringify(text))) !== hash) {
      return { ok: false, links, link, reason: `link ${link} (${id}) was changed, or one before it` }
    }
    head = hash
    links += 1
    if (head === expect) met = true
  }
  if (met) return { ok: true, links, head }
  return {
    ok: false,
    links,
    link,
    reason: 'the head that was kept is not in the chain: entries were taken away',
  }
}

async function sha256(text: string): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
