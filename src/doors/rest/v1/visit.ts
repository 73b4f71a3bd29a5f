// Signing in at the page, and out.

import type { Context } from '../../../commands/context.ts'
import { listVisits, revokeVisit } from '../../../commands/open-visits.ts'
import { openTicket, type SignedIn, signInByKey, signInByTicket, signOut } from '../../../commands/visits.ts'
import type { Principal } from '../../../domain/api-key.ts'
import * as protocol from '../../../protocol/visit.ts'
import { type Endpoint, endpoint } from '../../http/endpoint.ts'
import { invalid } from '../../http/http-problem.ts'
import { PAGE_PARAMETERS, pageAnswer, pageRequest } from '../../http/page-reply.ts'
import { endedCookie, refuseForeignWrite, visitCookie } from '../../http/visit-cookie.ts'
import { iso } from './present.ts'
import { issuerVisitEndpoints } from './visit-by-issuer.ts'
import { secureBy, type VisitParts } from './visit-parts.ts'

const PLACE = { tag: 'Visit', path: '/v1/visit' } as const
const COOKIE = { 'Set-Cookie': 'The visit: HttpOnly, SameSite=Strict.' } as const

export function visitEndpoints(parts: VisitParts): Endpoint[] {
  const { publicUrl } = parts
  const isSecure = secureBy(publicUrl)
  return [
    ...issuerVisitEndpoints(parts),
    listVisitsEndpoint,
    revokeVisitEndpoint,
    endpoint({
      ...PLACE,
      method: 'POST',
      operationId: 'signIn',
      summary: 'Sign in at the page',
      description:
        'For browsers. Exchanges a key, or the ticket of a link, for a cookie. Programs send their key.',
      action: 'visit.sign_in',
      body: { schema: protocol.SignIn },
      replies: { 201: { description: 'Signed in.', schema: protocol.Me, headers: COOKIE } },
      problems: ['unauthenticated'],
      handle: async ({ ctx, body, request }) => {
        refuseForeignWrite(request)
        const shown = body.key ?? body.ticket ?? ''
        const { who, token, expiresAt } = await request.judge(shown, () =>
          signIn(ctx, body, request.caller.address),
        )
        const seconds = Math.floor((expiresAt - ctx.clock.now()) / 1_000)
        const headers = { 'Set-Cookie': visitCookie(token, seconds, isSecure(request)) }
        return { status: 201, body: me(who, expiresAt), headers }
      },
    }),
    endpoint({
      ...PLACE,
      method: 'GET',
      operationId: 'getMe',
      summary: 'Who am I?',
      action: 'visit.read',
      replies: { 200: { description: 'The caller.', schema: protocol.Me } },
      handle: ({ who, request }) => ({ status: 200, body: me(who, request.visit?.expiresAt ?? null) }),
    }),
    endpoint({
      ...PLACE,
      method: 'DELETE',
      operationId: 'signOut',
      summary: 'Sign out',
      description: 'The visit is worth nothing from here on, whoever has its cookie.',
      action: 'visit.end',
      replies: { 204: { description: 'Signed out.' } },
      handle: async ({ ctx, who, request }) => {
        if (request.visit !== null) await signOut(ctx, who, request.visit)
        return { status: 204, headers: { 'Set-Cookie': endedCookie(isSecure(request)) } }
      },
    }),
    endpoint({
      tag: 'Visit',
      method: 'POST',
      path: '/v1/visit/tickets',
      operationId: 'openTicket',
      summary: 'Make a link that signs in once',
      description: 'It opens the page with the rights of the key it was asked for with.',
      action: 'visit.ticket',
      replies: { 201: { description: 'The link.', schema: protocol.Ticket } },
      handle: async ({ ctx, who, request }) => {
        const { token, expiresAt } = await openTicket(ctx, who)
        const here = publicUrl ?? `http://${request.headers.host ?? '127.0.0.1'}`
        return { status: 201, body: { url: signInUrl(here, token), expiresAt: iso(expiresAt) } }
      },
    }),
  ]
}

const listVisitsEndpoint = endpoint({
  tag: 'Visit',
  method: 'GET',
  path: '/v1/visits',
  operationId: 'listVisits',
  summary: 'Who is signed in',
  description: 'One’s own visits, the newest first; an admin also sees those of whom they govern.',
  action: 'visit.list',
  query: PAGE_PARAMETERS,
  replies: { 200: { description: 'A page of visits.', schema: protocol.VisitPage } },
  handle: async ({ ctx, who, url, query, request }) =>
    pageAnswer(url, await listVisits(ctx, who, pageRequest(query)), ({ visit, name }) => ({
      id: visit.id,
      keyId: visit.keyId,
      name,
      issuer: visit.guest?.voucher.issuer ?? null,
      createdAt: iso(visit.createdAt),
      expiresAt: iso(visit.expiresAt),
      own: visit.id === request.visit?.id,
    })),
})

const revokeVisitEndpoint = endpoint({
  tag: 'Visit',
  method: 'DELETE',
  path: '/v1/visits/{visit}',
  params: { visit: 'Id of the visit.' },
  operationId: 'revokeVisit',
  summary: 'Sign somebody out',
  description: 'The visit is worth nothing from here on, whoever has its cookie.',
  action: 'visit.revoke',
  replies: { 204: { description: 'Signed out.' } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params }) => {
    await revokeVisit(ctx, who, params.visit ?? '')
    return { status: 204 }
  },
})

/** Behind the #: a browser sends it to nobody, so that it stands in no log and nothing fetches it ahead. */
export function signInUrl(base: string, ticket: string): string {
  return `${base.replace(/\/+$/, '')}/sign-in#${ticket}`
}

async function signIn(ctx: Context, { key, ticket }: protocol.SignIn, address: string): Promise<SignedIn> {
  if (key !== undefined && ticket === undefined) return signInByKey(ctx, key, address)
  if (key === undefined && ticket !== undefined) return signInByTicket(ctx, ticket, address)
  throw invalid([{ pointer: '', code: 'exactly_one_of', detail: 'Send either "key" or "ticket".' }])
}

function me({ id, name, scopes, projectIds }: Principal, expiresAt: number | null): protocol.Me {
  return {
    keyId: id,
    name,
    scopes: [...scopes],
    projectIds: projectIds === null ? null : [...projectIds],
    visit: expiresAt === null ? null : { expiresAt: iso(expiresAt) },
  }
}
