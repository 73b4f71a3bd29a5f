// A caller may send the same request again, not knowing whether the first one arrived. It is carried out once:
// the mark is written in the transaction of what the request did, with what was answered.

import type { Principal } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'
import type { Once } from '../ports/store.ts'
import type { Context } from './context.ts'

/** Made by the door from the Idempotency-Key header and the request. */
export type OnceMark = { readonly key: string; readonly hash: string }

type MakeOnce<Memo> = (memo: Memo) => { once?: Once }

export type Repeatable<Memo, Result> = {
  /** Does it. Its store step has to write the mark that `once` makes of the memo. */
  readonly act: (once: MakeOnce<Memo>) => Promise<Result>
  /** The answer to a repeat, from what the first time remembered. */
  readonly recall: (memo: Memo) => Promise<Result> | Result
}

export async function idempotent<Memo, Result extends object>(
  ctx: Context,
  who: Principal,
  mark: OnceMark | undefined,
  { act, recall }: Repeatable<Memo, Result>,
): Promise<Result & { replayed: boolean }> {
  if (mark === undefined) return { ...(await act(() => ({}))), replayed: false }
  const earlier = await remembered<Memo>(ctx, who, mark)
  if (earlier !== null) return { ...(await recall(earlier)), replayed: true }
  try {
    const at = ctx.clock.now()
    const result = await act((memo) => ({ once: { scope: who.id, ...mark, result: memo, at } }))
    return { ...result, replayed: false }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'idempotency_in_flight') throw error
    // The other request with this key was faster: its answer is ours.
    const other = await remembered<Memo>(ctx, who, mark)
    if (other === null) throw error
    return { ...(await recall(other)), replayed: true }
  }
}

async function remembered<Memo>(ctx: Context, who: Principal, mark: OnceMark): Promise<Memo | null> {
  const found = await ctx.store.once.find(who.id, mark.key)
  if (found === null) return null
  if (found.hash !== mark.hash) {
    throw new AppError(
      'idempotency_key_reuse',
      'This Idempotency-Key was used with another request. Use a new key for a new request.',
    )
  }
  return found.result as Memo
}
