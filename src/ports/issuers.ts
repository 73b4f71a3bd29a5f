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
