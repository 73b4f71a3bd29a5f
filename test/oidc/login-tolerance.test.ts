// An issuer whose clock goes otherwise than ours: at the page it is given the same tolerance as a bearer's token.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoginIssuers } from '../../src/adapters/oidc/login-issuers.ts'
import { TrustedIssuers } from '../../src/adapters/oidc/trusted-issuers.ts'
import type { TrustedIssuer } from '../../src/ports/issuers.ts'
import type { WebCaller } from '../../src/ports/web-caller.ts'
import { systemClock } from '../support/system-clock.ts'
import { ISSUER, PaperIssuer, pair } from './paper-issuer.ts'

const LATE_S = 120
const ASKED = { redirectUri: 'https://here.test/back', state: 's', nonce: 'n', verifier: 'v'.repeat(43) }

test('who comes back with a token that has just ended is let in within the tolerance, and no longer', async () => {
  const issuer = new PaperIssuer(await pair('key-1'), systemClock.now)
  const endpoints = { authorization_endpoint: `${ISSUER}/auth`, token_endpoint: `${ISSUER}/token` }
  issuer.description = { ...endpoints, id_token_signing_alg_values_supported: ['ES256'] }
  const web: WebCaller = {
    call: async (request) => {
      if (request.url !== endpoints.token_endpoint) return issuer.call(request)
      const exp = Math.floor(systemClock.now() / 1_000) - LATE_S
      const idToken = await issuer.token({ aud: 'page', nonce: ASKED.nonce, exp })
      const tokens = { access_token: 'a', token_type: 'bearer', id_token: idToken }
      const body = new TextEncoder().encode(JSON.stringify(tokens))
      return { status: 200, headers: { 'content-type': 'application/json' }, body }
    },
  }
  const signIn = async (clockToleranceMs: number): Promise<string | null> => {
    const trusted: TrustedIssuer = {
      issuer: ISSUER,
      audience: ['carillon'],
      algorithms: ['ES256'],
      clockToleranceMs,
      grants: [],
      login: { clientId: 'page', title: null, scopes: ['openid'], visitMs: 1 },
      terminal: null,
    }
    let why: string | null = null
    const parts = { issuers: [trusted], web, clock: systemClock }
    const onRefused = (_: string, reason: string): void => {
      why = reason
    }
    const logins = new LoginIssuers({
      ...parts,
      trusted: new TrustedIssuers({ ...parts, onRefused }),
      clientSecret: null,
      onRefused,
    })
    const came = await logins.finish(ISSUER, ASKED, '?code=c&state=s')
    return came === null ? why : null
  }
  assert.equal(await signIn((LATE_S + 60) * 1_000), null)
  assert.match((await signIn((LATE_S - 60) * 1_000)) ?? 'let in', /timestamp/)
})
