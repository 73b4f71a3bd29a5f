// The audit, for those who govern everything.

import type { Action } from '../domain/actions.ts'
import type { Principal } from '../domain/api-key.ts'
import type { AuditEntry } from '../domain/audit.ts'
import type { Page, PageRequest } from '../ports/store.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'
import { findProject } from './find-project.ts'

export type AuditQuery = {
  readonly project?: string
  readonly action?: Action
  readonly actor?: string
  readonly subject?: string
  readonly from?: number
  readonly to?: number
}

/** Newest first. */
export async function listAudit(
  ctx: Context,
  who: Principal,
  { project, actor, ...rest }: AuditQuery,
  page: PageRequest,
): Promise<Page<AuditEntry>> {
  authorize(who, 'audit.read')
  return ctx.store.audit.list(
    {
      ...(project === undefined ? {} : { projectId: (await findProject(ctx, who, project)).id }),
      ...rest,
      ...(actor === undefined ? {} : { actorId: actor }),
    },
    page,
  )
}

/** Link by link, from the one after `after`: for keeping a copy elsewhere, and for checking the chain. */
export async function readAuditChain(
  ctx: Context,
  who: Principal,
  after: number,
  limit: number,
): Promise<readonly AuditEntry[]> {
  authorize(who, 'audit.read')
  // What was written before it was asked for is in it.
  while ((await ctx.store.audit.link(LINK_BATCH)) === LINK_BATCH);
  return ctx.store.audit.chain(after, limit)
}

export const LINK_BATCH = 500
