// A key that lets a caller in. Only its hash is stored; scopes say what it may do, projects where.

export const SCOPES = ['jobs:read', 'jobs:write', 'runs:read', 'runs:write', 'admin', 'agent'] as const
export type Scope = (typeof SCOPES)[number]

export type ApiKey = {
  readonly id: string
  readonly name: string
  /** First characters of the key, to recognise it by; useless to log in with. */
  readonly hint: string
  /** SHA-256 of the whole key, hex. */
  readonly hash: string
  readonly scopes: readonly Scope[]
  /** Projects it may enter; null: all. */
  readonly projectIds: readonly string[] | null
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly lastUsedAt: number | null
  readonly revokedAt: number | null
  /** After a rotation the old secret works until then. */
  readonly previous: { readonly hash: string; readonly until: number } | null
}

/** Who is asking: what authentication made of a request. */
export type Principal = {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly projectIds: readonly string[] | null
  /** Hash of the key it came with, which may be the one before the present one. Absent: it came without. */
  readonly keyHash?: string
  /** Who vouches for it, where that is not a key of ours. */
  readonly voucher?: Voucher
  /** Where the request came from, for the audit. Absent: it is none, or nobody can say. */
  readonly address?: string
}

/** Somebody an issuer outside knows. */
export type Voucher = { readonly kind: 'oidc'; readonly issuer: string; readonly subject: string }
