import type { Principal } from '../domain/api-key.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'

/** The first of `count` numbers of a sequence that nobody else is given: ids for systems whose ids are numbers. */
export async function takeNumbers(
  ctx: Context,
  who: Principal,
  sequence: string,
  count: number,
): Promise<number> {
  authorize(who, 'job.create')
  return ctx.store.sequences.take(sequence, count)
}
