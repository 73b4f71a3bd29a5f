// Makes tokens by which receivers of our calls can tell that it is us, with keys that the store holds sealed.

export type MintedClaims = {
  /** Whom it is for. */
  readonly aud: string
  /** On whose behalf. */
  readonly sub: string
  /** Further claims, told under `carillon`. */
  readonly about: Readonly<Record<string, string | number>>
}

export interface TokenMint {
  /** What receivers know us as: the address our keys are found under. */
  readonly issuer: string
  readonly algorithm: string
  /** Throws where no key can be had. */
  mint(claims: MintedClaims): Promise<string>
  /** Public keys (JWK): of tokens that may still be about, and those that come next. */
  keys(): Promise<readonly Readonly<Record<string, unknown>>[]>
}

/** As it stands in the attempt, or in the delivery. */
export function noToken(error: unknown): string {
  return `no token can be made: ${(error as Error).message}`
}
