// Signing in at the page by an issuer: there, and back.

import type { FastifyRequest } from 'fastify'
import { beginLogin, finishLogin, waysIn } from '../../../commands/sign-in-by-issuer.ts'
import { AppError } from '../../../domain/errors.ts'
import * as protocol from '../../../protocol/visit.ts'
import { type Endpoint, endpoint } from '../../http/endpoint.ts'
import { loginCookie, loginText } from '../../http/login-cookie.ts'
import { refuseForeignWrite, visitCookie } from '../../http/visit-cookie.ts'
import { secureBy, type VisitParts } from './visit-parts.ts'

const BACK = '/v1/visit/issuer'
const TAG = { tag: 'Visit', action: 'visit.sign_in' } as const

export function issuerVisitEndpoints({ publicUrl }: VisitParts): Endpoint[] {
  const isSecure = secureBy(publicUrl)
  const backTo = ({ headers: { host = '127.0.0.1' }, caller }: FastifyRequest): string =>
    `${publicUrl ?? `${caller.secure ? 'https' : 'http'}://${host}`}${BACK}`
  return [
    endpoint({
      ...TAG,
      method: 'GET',
      path: '/v1/visit/ways',
      operationId: 'waysIn',
      summary: 'By whom people come in',
      replies: { 200: { description: 'Issuers.', schema: protocol.WaysIn } },
      handle: ({ ctx }) => {
        const issuers = waysIn(ctx).map(({ issuer, login, terminal }) => ({
          issuer,
          page: login === null ? null : { title: login.title ?? new URL(issuer).host },
          terminal: terminal === null ? null : { ...terminal, scopes: [...terminal.scopes] },
        }))
        return { status: 200, body: { issuers } satisfies protocol.WaysIn }
      },
    }),
    endpoint({
      ...TAG,
      method: 'POST',
      path: BACK,
      operationId: 'beginSignIn',
      summary: 'Go to an issuer to sign in',
      description: 'For browsers. Afterwards the issuer sends the browser back to this address, with a GET.',
      body: { schema: protocol.LoginStart },
      replies: {
        201: {
          description: 'Where to go on.',
          schema: protocol.LoginPlace,
          headers: { 'Set-Cookie': 'What the browser needs when it comes back.' },
        },
      },
      problems: ['not_found', 'overloaded'],
      handle: async ({ ctx, body, request }) => {
        refuseForeignWrite(request)
        const { url, cookie, seconds } = await beginLogin(ctx, body.issuer, backTo(request))
        const headers = { 'Set-Cookie': loginCookie(cookie, seconds, isSecure(request)) }
        return { status: 201, body: { url }, headers }
      },
    }),
    endpoint({
      ...TAG,
      method: 'GET',
      path: BACK,
      operationId: 'finishSignIn',
      summary: 'Come back from an issuer',
      anyQuery: true,
      description: 'Leads to the page: signed in, or to signing in when the issuer or this server refused.',
      replies: {
        303: {
          description: 'The page.',
          headers: { Location: 'The page.', 'Set-Cookie': 'The visit: HttpOnly, SameSite=Strict.' },
        },
      },
      handle: async ({ ctx, url, request, reply }) => {
        reply.header('Set-Cookie', loginCookie('', 0, isSecure(request)))
        const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : ''
        try {
          const cookie = loginText(request.headers.cookie)
          const back = backTo(request)
          const { token, expiresAt } = await request.judge(cookie, () =>
            finishLogin(ctx, cookie, query, back, request.caller.address),
          )
          const seconds = Math.floor((expiresAt - ctx.clock.now()) / 1_000)
          return {
            status: 303,
            headers: { Location: '/', 'Set-Cookie': visitCookie(token, seconds, isSecure(request)) },
          }
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          return { status: 303, headers: { Location: `/sign-in?refused=${error.code}` } }
        }
      },
    }),
  ]
}
