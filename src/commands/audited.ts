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
  who: Pick<Principal, 'id' | 'name' | 'voucher' | 'address'>,
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
    // Within the detail, which is hashed as it is: so links of older servers and of newer ones are reckoned alike.
    detail: {
      ...detail,
      ...(who.voucher === undefined ? {} : { actor: who.voucher }),
      ...(who.address === undefined ? {} : { address: who.address }),
    },
  }
  return ctx.store.audit.during(entry, step)
}
