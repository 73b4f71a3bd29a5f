// From the text of a key or a token to who is asking. What is unknown, expired, revoked or mistyped is nobody.

import type { ApiKey, Principal } from '../domain/api-key.ts'
import { hashKey, isMistyped, KEY_TEXT_MAX } from './api-key-secret.ts'
import type { Context } from './context.ts'
import { principalOfToken } from './principal-of-token.ts'

/** last-used is a hint for people; writing it on every request would cost a commit each. */
const TOUCH_EVERY_MS = 60_000

export async function authenticate(ctx: Context, text: string): Promise<Principal | null> {
  return (await principalOfKey(ctx, text)) ?? principalOfToken(ctx, text)
}

export async function principalOfKey(ctx: Context, text: string): Promise<Principal | null> {
  if (text.length === 0 || text.length > KEY_TEXT_MAX || isMistyped(text)) return null
  const hash = hashKey(text)
  const key = await ctx.store.keys.byHash(hash)
  const now = ctx.clock.now()
  if (key === null || !isLive(key, hash, now)) return null
  // Of an agent its session says when it was last heard of.
  const rare = !key.scopes.includes('agent') && now - (key.lastUsedAt ?? 0) > TOUCH_EVERY_MS
  if (rare) await ctx.store.keys.touch(key.id, now)
  const { id, name, scopes, projectIds } = key
  return { id, name, scopes, projectIds, keyHash: hash }
}

/** Does this secret of the key, known by its hash, let in now? */
export function isLive(key: ApiKey, hash: string, now: number): boolean {
  if (key.revokedAt !== null) return false
  if (key.expiresAt !== null && key.expiresAt <= now) return false
  return (
    key.hash === hash || (key.previous !== null && key.previous.hash === hash && key.previous.until > now)
  )
}
