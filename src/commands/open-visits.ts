// Who is signed in at the page, and ending that: everybody their own visits, an admin also those of whom they govern.

import type { Principal } from '../domain/api-key.ts'
import type { Visit } from '../domain/visit.ts'
import type { Page, PageRequest } from '../ports/store.ts'
import { audited } from './audited.ts'
import { authorize, governsProjects, holds, notFound } from './authorize.ts'
import type { Context } from './context.ts'

export type OpenVisit = { readonly visit: Visit; readonly name: string }

export async function listVisits(ctx: Context, who: Principal, page: PageRequest): Promise<Page<OpenVisit>> {
  authorize(who, 'visit.list')
  const { items, nextCursor } = await ctx.store.visits.list(page)
  const seen = await Promise.all(items.map((visit) => seenBy(ctx, who, visit)))
  return { items: seen.filter((one) => one !== null), nextCursor }
}

/** At once and for good, whoever has its cookie. */
export async function revokeVisit(ctx: Context, who: Principal, id: string): Promise<void> {
  authorize(who, 'visit.revoke')
  const visit = await ctx.store.visits.get(id)
  const seen = visit?.kind === 'visit' ? await seenBy(ctx, who, visit) : null
  if (seen === null) throw notFound('visit', id)
  const about = { subject: id, detail: { of: seen.visit.keyId, name: seen.name } }
  const ended = await audited(ctx, who, 'visit.revoke', about, () => ctx.store.visits.end(id))
  if (!ended) throw notFound('visit', id)
}

/** null: not theirs to see, or over. */
async function seenBy(ctx: Context, who: Principal, visit: Visit): Promise<OpenVisit | null> {
  if (visit.expiresAt <= ctx.clock.now()) return null
  const person = visit.guest ?? (await ctx.store.keys.get(visit.keyId))
  if (person === null) return null
  const may = visit.keyId === who.id || (holds(who, 'admin') && governsProjects(who, person.projectIds))
  return may ? { visit, name: person.name } : null
}
