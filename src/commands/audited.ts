// Writes down who asked for a change, in the transaction that makes it. What was refused changed nothing, and is not written.

import type { Action } from '../domain/actions.ts'
import type { Principal } from '../domain/api-key.ts'
import type { Context } from './context.ts'

export type About = {
  readonly projectId?: string | null
  readonly subject?: string | null
  readonly detail?: Readonly<Record<string, unknown>>
}

/** `step`: one step of the store. The first transaction in it that does something carries the entry. */
export function audited<Result>(
  ctx: Context,
  who: Pick<Principal, 'id' | 'name' | 'voucher'>,
  action: Action,
  { projectId = null, subject = null, detail = {} }: About,
  step: () => Promise<Result>,
): Promise<Result> {
  const entry = {
    id: ctx.chance.id('aud'),
    at: ctx.clock.now(),
    actorId: who.id,
    actorName: who.name,
    action,
    projectId,
    subject,
    detail: who.voucher === undefined ? detail : { ...detail, actor: who.voucher },
  }
  return ctx.store.audit.during(entry, step)
}
