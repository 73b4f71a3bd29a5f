// Seals texts with keys that the store never sees. What was sealed for one thing does not open as another.

export type Sealed = {
  /** Of the key it was sealed with. */
  readonly keyId: string
  readonly text: string
}

export interface Vault {
  /** The key that seals. */
  readonly keyId: string
  /** Every key that opens. */
  readonly keyIds: readonly string[]
  seal(plain: string, boundTo: string): Sealed
  /** Throws when the key is not there, or when it was sealed for something else, or was changed. */
  open(sealed: Sealed, boundTo: string): string
  /** Makes a new key, durable before it seals anything. false: the keys are the operator's. */
  renew(): Promise<boolean>
  /**
   * Forgets every key of its own making but the newest and these. Only while nothing is being sealed: what was sealed and
   * has not reached the store yet is not among them.
   */
  retire(needed: readonly string[]): Promise<void>
}
