// People at the page who come by an issuer: there with questions only this browser can answer, and back with an answer to them.

import { AppError } from '../domain/errors.ts'
import type { LoginWay } from '../ports/issuers.ts'
import type { Context } from './context.ts'
import { LOGIN_MS } from './login-cookie.ts'
import { principalOf } from './principal-of-token.ts'
import { openGuestVisit, type SignedIn } from './visits.ts'

export type LoginBegins = { readonly url: string; readonly cookie: string; readonly seconds: number }

export function waysIn(ctx: Context): readonly LoginWay[] {
  return ctx.logins?.from.ways ?? []
}

export async function beginLogin(ctx: Context, issuer: string, redirectUri: string): Promise<LoginBegins> {
  const { logins } = ctx
  if (logins === undefined || !logins.from.ways.some((way) => way.login !== null && way.issuer === issuer)) {
    throw new AppError('not_found', 'Nobody signs in by this issuer here.')
  }
  const now = ctx.clock.now()
  const cookie = logins.cookies.make(ctx.chance, now, issuer)
  const begun = logins.cookies.read(cookie, now, redirectUri)
  const url = begun === null ? null : await logins.from.begin(issuer, begun.asked)
  if (url === null) {
    throw new AppError('overloaded', 'The issuer cannot be reached now. Try again in a while, or use a key.')
  }
  return { url, cookie, seconds: Math.floor(LOGIN_MS / 1_000) }
}

/** Throws `unauthenticated` where the answer is not one to what this browser was sent for, or nothing is granted. */
export async function finishLogin(
  ctx: Context,
  cookie: string,
  query: string,
  redirectUri: string,
  address: string,
): Promise<SignedIn> {
  const refused = new AppError(
    'unauthenticated',
    'The issuer has not let you in here. Try again, or use a key.',
  )
  const begun = ctx.logins?.cookies.read(cookie, ctx.clock.now(), redirectUri) ?? null
  const way = waysIn(ctx).find(({ issuer }) => issuer === begun?.issuer)
  if (begun === null || ctx.logins === undefined || way?.login == null) throw refused
  const verified = await ctx.logins.from.finish(begun.issuer, begun.asked, query)
  if (verified === 'busy') throw new AppError('overloaded', 'Too many are signing in just now. Try again.')
  const who = verified === null ? null : await principalOf(ctx, verified)
  if (who === null) throw refused
  return openGuestVisit(ctx, { ...who, address }, way.login.visitMs)
}
