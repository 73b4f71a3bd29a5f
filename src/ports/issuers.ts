// Who, outside, may say who somebody is: issuers of tokens (OpenID Connect) that the operator trusts.

import type { Claims, Grant } from '../domain/token-grant.ts'

export type TrustedIssuer = {
  /** Exactly as its tokens name it. */
  readonly issuer: string
  /** Whom a token must be meant for: one of these. */
  readonly audience: readonly string[]
  readonly algorithms: readonly string[]
  readonly clockToleranceMs: number
  /** The first that fits counts. */
  readonly grants: readonly Grant[]
  /** How people come in by it at the page; null: they do not. */
  readonly login: Login | null
  /** How they come in at a terminal; null: they do not. */
  readonly terminal: TerminalLogin | null
}

export type Login = {
  /** What the issuer knows this server as. */
  readonly clientId: string
  /** What stands on the button; null: the name of its host. */
  readonly title: string | null
  readonly scopes: readonly string[]
  /** So long a visit lasts. */
  readonly visitMs: number
}

export type TerminalLogin = {
  /** What the issuer knows the command line as; it has no secret. */
  readonly clientId: string
  readonly scopes: readonly string[]
  /** What the issuer calls this server, where it wants to be told whom a token is for; null: it does not. */
  readonly resource: string | null
}

export type LoginWay = Pick<TrustedIssuer, 'issuer' | 'login' | 'terminal'>

/** What only the browser that began it, and this server, know of one sign-in. */
export type LoginAsked = {
  readonly redirectUri: string
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

export interface Logins {
  readonly ways: readonly LoginWay[]
  /** Where the browser has to go. null: no such issuer, or it cannot be reached. */
  begin(issuer: string, asked: LoginAsked): Promise<string | null>
  /** `query`: what the browser brought back. null: not to be trusted. */
  finish(issuer: string, asked: LoginAsked, query: string): Promise<VerifiedToken | 'busy' | null>
}

export type VerifiedToken = {
  readonly issuer: string
  readonly subject: string
  readonly claims: Claims
  readonly grants: readonly Grant[]
}

export interface Issuers {
  /** null: nobody we trust says so, now and for us; why is for the log alone. */
  verify(token: string): Promise<VerifiedToken | null>
}
