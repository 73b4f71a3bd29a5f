// Who shows a token of an issuer that is trusted here, and what its claims let them do. Whatever is wrong with it, it is nobody.

import { createHash } from 'node:crypto'
import type { Principal } from '../domain/api-key.ts'
import { type Claims, claimTexts, grantOf } from '../domain/token-grant.ts'
import type { VerifiedToken } from '../ports/issuers.ts'
import type { Context } from './context.ts'

/** A token with many groups fits, and leaves room for the other headers. */
export const TOKEN_TEXT_MAX = 12 * 1_024
const NAME_MAX = 100
const TOKEN = /^ey[\w-]+\.[\w-]+\.[\w-]+$/
/** What people call themselves; the first that is there. */
const NAME_CLAIMS = ['preferred_username', 'email', 'name', 'sub'] as const

export async function principalOfToken(ctx: Context, text: string): Promise<Principal | null> {
  if (ctx.issuers === undefined || text.length > TOKEN_TEXT_MAX || !TOKEN.test(text)) return null
  const verified = await ctx.issuers.verify(text)
  return verified === null ? null : principalOf(ctx, verified)
}

/** null: nothing is granted to whoever has these claims. */
export async function principalOf(ctx: Context, verified: VerifiedToken): Promise<Principal | null> {
  const { issuer, subject, claims, grants } = verified
  const granted = grantOf(claims, grants)
  if (granted === null) return null
  const projectIds = granted.projects === null ? null : await projectsNamed(ctx, granted.projects)
  if (projectIds?.length === 0) return null
  const voucher = { kind: 'oidc', issuer, subject } as const
  return {
    id: idOf(issuer, subject),
    name: nameOf(claims),
    scopes: granted.scopes,
    projectIds,
    voucher,
  }
}

/** Those that are there; a grant may name some that are still to come. */
async function projectsNamed(ctx: Context, names: readonly string[]): Promise<readonly string[]> {
  return (await ctx.store.projects.named(names)).map(({ id }) => id)
}

/** The same for ever, as an issuer never gives a subject to somebody else. */
function idOf(issuer: string, subject: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex')
  return `oidc_${hash.slice(0, 26).toUpperCase()}`
}

function nameOf(claims: Claims): string {
  const [name = ''] = NAME_CLAIMS.flatMap((claim) => claimTexts(claims, claim)).filter((text) => text !== '')
  return name.replaceAll(/\p{C}/gu, ' ').toWellFormed().slice(0, NAME_MAX)
}
