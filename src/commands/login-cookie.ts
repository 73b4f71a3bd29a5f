// What the browser keeps between going to an issuer and coming back. State, nonce and verifier are made from it and a secret of
// the servers, so that nothing is written for people who never come back, and any node can go on.

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Chance } from '../ports/chance.ts'
import type { LoginAsked } from '../ports/issuers.ts'

export const LOGIN_MS = 10 * 60_000
const COOKIE = /^([0-9a-f]{32})\.(\d{1,15})\.([\w-]{1,700})\.([\w-]{43})$/

export type LoginBegun = { readonly issuer: string; readonly asked: LoginAsked }

export class LoginCookies {
  readonly #secret: string

  constructor(secret: string) {
    this.#secret = secret
  }

  make(chance: Chance, now: number, issuer: string): string {
    const named = Buffer.from(issuer).toString('base64url')
    const text = `${chance.hex(16)}.${now + LOGIN_MS}.${named}`
    return `${text}.${this.#sign('cookie', text)}`
  }

  /** null: it was not made here, or too long ago. */
  read(cookie: string, now: number, redirectUri: string): LoginBegun | null {
    const [, handle, until, named, signature] = COOKIE.exec(cookie) ?? []
    if (handle === undefined || named === undefined || signature === undefined) return null
    const expected = this.#sign('cookie', `${handle}.${until}.${named}`)
    if (!timingSafeEqual(Buffer.from(expected), Buffer.from(signature))) return null
    if (Number(until) <= now) return null
    return {
      issuer: Buffer.from(named, 'base64url').toString(),
      asked: {
        redirectUri,
        state: this.#sign('state', cookie),
        nonce: this.#sign('nonce', cookie),
        verifier: this.#sign('verifier', cookie),
      },
    }
  }

  #sign(what: string, text: string): string {
    return createHmac('sha256', this.#secret).update(`${what} ${text}`).digest('base64url')
  }
}
