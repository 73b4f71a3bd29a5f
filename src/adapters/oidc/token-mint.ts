// Tokens signed with keys of our own (ES256). Each key has its period, by the clock; it is published a period before it signs
// and a period after, so that nobody is told a key too late or loses it too early. All nodes find the same: the first to need a
// key writes it, sealed, and the others take that one.

import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose'
import type { Clock } from '../../ports/clock.ts'
import type { MintedClaims, TokenMint } from '../../ports/token-mint.ts'
import type { Sealed, Vault } from '../../ports/vault.ts'

/** Receivers that keep keys for up to as long again meet no surprise. */
export const TOKEN_KEY_MS = 30 * 86_400_000
/** Long enough for a call that waits for a connection, short enough to be worth little afterwards. */
export const TOKEN_MS = 5 * 60_000
/** Keys of one period: a further one is made where the last cannot be opened any more. */
const KEYS_OF_PERIOD_MAX = 4
const ALGORITHM = 'ES256'

export type TokenMintParts = {
  readonly issuer: string
  readonly vault: Vault
  readonly clock: Pick<Clock, 'now'>
  /** Gives back what is kept under a name: this, or what was there before. */
  readonly keep: (name: string, value: string) => Promise<string>
  readonly newId: () => string
}

type Signing = Awaited<ReturnType<typeof importJWK>>
/** As it is kept; sealed anew like all that servers keep (`domain/kept-seal.ts`). */
type Kept = { readonly jwk: JWK; readonly sealed: Sealed }
type Period = { readonly signing: Signing | null; readonly kid: string; readonly published: readonly JWK[] }

export class OwnTokenMint implements TokenMint {
  readonly issuer: string
  readonly algorithm = ALGORITHM
  readonly #parts: TokenMintParts
  readonly #periods = new Map<number, Promise<Period>>()

  constructor(parts: TokenMintParts) {
    this.issuer = parts.issuer
    this.#parts = parts
  }

  async mint({ aud, sub, about }: MintedClaims): Promise<string> {
    const { clock, newId } = this.#parts
    const now = clock.now()
    const { signing, kid } = await this.#period(Math.floor(now / TOKEN_KEY_MS))
    if (signing === null) throw new Error('no key to sign with can be opened')
    return new SignJWT({ carillon: about })
      .setProtectedHeader({ alg: ALGORITHM, kid, typ: 'JWT' })
      .setIssuer(this.issuer)
      .setSubject(sub)
      .setAudience(aud)
      .setJti(newId())
      .setIssuedAt(Math.floor(now / 1_000))
      .setExpirationTime(Math.floor((now + TOKEN_MS) / 1_000))
      .sign(signing)
  }

  async keys(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const current = Math.floor(this.#parts.clock.now() / TOKEN_KEY_MS)
    const periods = await Promise.all(
      [current - 1, current, current + 1].map((period) => this.#period(period)),
    )
    return periods.flatMap(({ published }) => published)
  }

  #period(period: number): Promise<Period> {
    for (const old of this.#periods.keys()) if (old < period - 2) this.#periods.delete(old)
    let known = this.#periods.get(period)
    if (known === undefined) {
      known = this.#open(period)
      this.#periods.set(period, known)
      // What failed is tried again by whoever asks next.
      known.catch(() => this.#periods.delete(period))
    }
    return known
  }

  async #open(period: number): Promise<Period> {
    const { vault, keep } = this.#parts
    const published: JWK[] = []
    for (let n = 0; n < KEYS_OF_PERIOD_MAX; n += 1) {
      const name = `token key ${period}.${n}`
      const { jwk, sealed } = JSON.parse(await keep(name, await made(vault, name))) as Kept
      const kid = await calculateJwkThumbprint(jwk)
      published.push({ ...jwk, kid, alg: ALGORITHM, use: 'sig' })
      const signing = await opened(vault, sealed, name)
      if (signing !== null) return { signing, kid, published }
    }
    return { signing: null, kid: '', published }
  }
}

async function made(vault: Vault, name: string): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  const sealed = vault.seal(JSON.stringify(await exportJWK(privateKey)), name)
  return JSON.stringify({ jwk: await exportJWK(publicKey), sealed } satisfies Kept)
}

/** null: the key it was sealed with is gone. */
async function opened(vault: Vault, sealed: Sealed, name: string): Promise<Signing | null> {
  try {
    return await importJWK(JSON.parse(vault.open(sealed, name)) as JWK, ALGORITHM)
  } catch {
    return null
  }
}
