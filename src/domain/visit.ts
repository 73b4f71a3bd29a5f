// A person at the page: what a key, or a link that works once, is exchanged for. Only hashes are stored. A visit
// may do what its key may, and ends with the secret of it that it was made with.

import type { Principal, Voucher } from './api-key.ts'

export const VISIT_KINDS = ['ticket', 'visit'] as const

export type Visit = {
  readonly id: string
  /** A ticket is good for one thing: to be exchanged for a visit. */
  readonly kind: (typeof VISIT_KINDS)[number]
  /** SHA-256 of the whole token, hex. */
  readonly hash: string
  /** Of the key it was exchanged for; of a guest an id of their own. */
  readonly keyId: string
  /** Of the secret of its key that it was made with, and with which it ends. null: a guest's, or a server of an earlier version made it. */
  readonly keyHash: string | null
  readonly guest: Guest | null
  readonly createdAt: number
  readonly expiresAt: number
}

/** Somebody who came by an issuer, and what they were granted then. */
export type Guest = Pick<Principal, 'name' | 'scopes' | 'projectIds'> & { readonly voucher: Voucher }

/** Long enough to find the terminal again, short enough for a link that stood in a log. */
export const TICKET_MS = 15 * 60_000
export const VISIT_MS = 7 * 86_400_000
