// How a person comes in at the page: with a link that works once, or with a key. Either becomes a visit, which is
// known by a token in a cookie and may do what its key may.

import type { Action } from '../domain/actions.ts'
import type { ApiKey, Principal } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'
import { type Guest, TICKET_MS, VISIT_MS, type Visit } from '../domain/visit.ts'
import { hashKey } from './api-key-secret.ts'
import { audited } from './audited.ts'
import { isLive, principalOfKey } from './authenticate.ts'
import { holds } from './authorize.ts'
import type { Context } from './context.ts'

const TOKEN_BYTES = 32
const TOKEN = /^[0-9a-f]{64}$/

/** What stands in the cookie or the link; never stored, never logged. */
export type Token = { readonly token: string; readonly expiresAt: number }
export type SignedIn = Token & { readonly who: Principal }
export type Visitor = { readonly who: Principal; readonly visit: Visit }

/** A link's ticket for whoever asks: it opens as much as the key it was asked for with. */
export async function openTicket(ctx: Context, who: Principal): Promise<Token> {
  const key = await ctx.store.keys.get(who.id)
  if (key === null || who.keyHash === undefined || !isLive(key, who.keyHash, ctx.clock.now())) {
    throw new AppError('forbidden', 'Only a key that is kept here can be exchanged for a link.')
  }
  return add(ctx, who, who.keyHash, 'ticket')
}

/** For the link that is shown at the start. null: no key is left that may do everything. Not for callers. */
export async function ticketOfAdmin(ctx: Context): Promise<Token | null> {
  for (let cursor: string | undefined; ; ) {
    const page = await ctx.store.keys.list(cursor === undefined ? { limit: 100 } : { limit: 100, cursor })
    const now = ctx.clock.now()
    const key = page.items.find((one) => isLive(one, one.hash, now) && isAdmin(one))
    if (key !== undefined) return add(ctx, key, key.hash, 'ticket')
    if (page.nextCursor === null) return null
    cursor = page.nextCursor
  }
}

/** Throws `unauthenticated` where the ticket was used, has expired, or never was. */
export async function signInByTicket(ctx: Context, ticket: string, address: string): Promise<SignedIn> {
  const refused = new AppError(
    'unauthenticated',
    'This link has been used or has expired. "carillon page" makes a new one; a key lets you in too.',
  )
  if (!TOKEN.test(ticket)) throw refused
  const found = await ctx.store.visits.byHash(hashKey(ticket))
  const who = found?.kind === 'ticket' ? await holderOf(ctx, found) : null
  if (who === null) throw refused
  const { token, visit } = make(ctx, 'visit', who.id, who.keyHash)
  const about = { subject: visit.id, detail: { by: 'ticket' } }
  const exchanged = await audited(ctx, { ...who, address }, 'visit.sign_in', about, () =>
    ctx.store.visits.exchange(hashKey(ticket), visit),
  )
  if (!exchanged) throw refused
  return { token, expiresAt: visit.expiresAt, who }
}

export async function signInByKey(ctx: Context, secret: string, address: string): Promise<SignedIn> {
  const who = await principalOfKey(ctx, secret)
  if (who?.keyHash === undefined)
    throw new AppError('unauthenticated', 'This key is not valid here. Look for typing errors.')
  return { ...(await add(ctx, { ...who, address }, who.keyHash, 'visit')), who }
}

/** From the token of a cookie to who is asking; null: nobody. */
export async function visitorOf(ctx: Context, token: string): Promise<Visitor | null> {
  if (!TOKEN.test(token)) return null
  const visit = await ctx.store.visits.byHash(hashKey(token))
  if (visit === null || visit.kind !== 'visit' || visit.expiresAt <= ctx.clock.now()) return null
  const who =
    visit.guest === null ? await holderOf(ctx, visit) : guestPrincipal(ctx, visit.keyId, visit.guest)
  return who === null ? null : { who, visit }
}

/** null: the key is gone, or the secret it was made with. */
async function holderOf(ctx: Context, { keyId, keyHash }: Visit): Promise<Known | null> {
  const key = await ctx.store.keys.get(keyId)
  if (key === null) return null
  const hash = keyHash ?? key.hash
  return isLive(key, hash, ctx.clock.now()) ? { ...principal(key), keyHash: hash } : null
}

type Known = Principal & { readonly keyHash: string }

/** For somebody an issuer vouches for: the visit holds what they were granted, until it ends. */
export async function openGuestVisit(ctx: Context, who: Principal, visitMs: number): Promise<SignedIn> {
  const { name, scopes, projectIds, voucher } = who
  if (voucher === undefined) throw new Error('nobody vouches for this guest')
  const guest = { name, scopes, projectIds, voucher }
  const { token, visit } = make(ctx, 'visit', who.id, null, guest, visitMs)
  const about = { subject: visit.id, detail: { by: 'issuer' } }
  await audited(ctx, who, 'visit.sign_in', about, () => ctx.store.visits.add(visit))
  return { token, expiresAt: visit.expiresAt, who }
}

/** null: their issuer is no longer trusted to send people. */
function guestPrincipal(ctx: Context, id: string, guest: Guest): Principal | null {
  const ways = ctx.logins?.from.ways ?? []
  const trusted = ways.some(({ issuer, login }) => login !== null && issuer === guest.voucher.issuer)
  return trusted ? { id, ...guest } : null
}

/** At once and for good: the token is worth nothing from here on. */
export async function signOut(ctx: Context, who: Principal, visit: Visit): Promise<void> {
  await audited(ctx, who, 'visit.end', { subject: visit.id }, () => ctx.store.visits.end(visit.id))
}

async function add(
  ctx: Context,
  who: Pick<Principal, 'id' | 'name' | 'address'>,
  keyHash: string,
  kind: Visit['kind'],
): Promise<Token> {
  const { token, visit } = make(ctx, kind, who.id, keyHash)
  await audited(ctx, who, SAID[kind], { subject: visit.id }, () => ctx.store.visits.add(visit))
  return { token, expiresAt: visit.expiresAt }
}

const SAID = { ticket: 'visit.ticket', visit: 'visit.sign_in' } as const satisfies Record<string, Action>

function make(
  ctx: Context,
  kind: Visit['kind'],
  keyId: string,
  keyHash: string | null,
  guest: Guest | null = null,
  lastsMs = kind === 'ticket' ? TICKET_MS : VISIT_MS,
): { token: string; visit: Visit } {
  const token = ctx.chance.hex(TOKEN_BYTES)
  const createdAt = ctx.clock.now()
  const expiresAt = createdAt + lastsMs
  return {
    token,
    visit: {
      id: ctx.chance.id('vis'),
      kind,
      hash: hashKey(token),
      keyId,
      keyHash,
      guest,
      createdAt,
      expiresAt,
    },
  }
}

function isAdmin(key: ApiKey): boolean {
  return key.projectIds === null && holds(principal(key), 'admin')
}

function principal({ id, name, scopes, projectIds }: ApiKey): Principal {
  return { id, name, scopes, projectIds }
}
