// AES-256-GCM with keys from outside the database: the first seals, all of them open. Each seal has a random 96-bit IV;
// at far fewer than 2^32 seals a key the chance that one comes twice is nothing (NIST SP 800-38D, 8.3).

import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto'
import type { Sealed, Vault } from '../../ports/vault.ts'

const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16
const ALGORITHM = 'aes-256-gcm'

/** Where keys of its own making are kept. */
export type KeepKeys = (texts: readonly string[]) => Promise<void>

type Key = { readonly id: string; readonly text: string; readonly bytes: Buffer }

export class KeyRing implements Vault {
  #keys: readonly Key[]
  readonly #keep: KeepKeys | null
  /** Settles when the last change has. */
  #changed: Promise<unknown> = Promise.resolve()

  /** `texts`: 32 bytes each, in base64 or hex, at least one. Throws when one is not. */
  constructor(texts: readonly string[], keep: KeepKeys | null = null) {
    this.#keys = texts.map(keyOf)
    this.#keep = keep
  }

  get keyId(): string {
    return this.#sealing.id
  }

  get keyIds(): readonly string[] {
    return this.#keys.map(({ id }) => id)
  }

  seal(plain: string, boundTo: string): Sealed {
    const { id, bytes } = this.#sealing
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv(ALGORITHM, bytes, iv, { authTagLength: TAG_BYTES })
    cipher.setAAD(Buffer.from(boundTo))
    const sealed = [iv, cipher.update(plain, 'utf8'), cipher.final()]
    return { keyId: id, text: Buffer.concat([...sealed, cipher.getAuthTag()]).toString('base64') }
  }

  open({ keyId, text }: Sealed, boundTo: string): string {
    const key = this.#keys.find(({ id }) => id === keyId)
    if (key === undefined) throw new Error(`the key ${keyId}, with which this was sealed, is not there`)
    const all = Buffer.from(text, 'base64')
    if (all.length < IV_BYTES + TAG_BYTES) throw new Error('what was sealed has been cut')
    const iv = all.subarray(0, IV_BYTES)
    const decipher = createDecipheriv(ALGORITHM, key.bytes, iv, { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(boundTo))
    decipher.setAuthTag(all.subarray(-TAG_BYTES))
    try {
      const body = decipher.update(all.subarray(IV_BYTES, -TAG_BYTES))
      return Buffer.concat([body, decipher.final()]).toString('utf8')
    } catch {
      throw new Error('what was sealed has been changed, or was sealed for something else')
    }
  }

  renew(): Promise<boolean> {
    return this.#change((keys) => [keyOf(makeSealingKey()), ...keys])
  }

  async retire(needed: readonly string[]): Promise<void> {
    await this.#change((keys) => keys.filter(({ id }, position) => position === 0 || needed.includes(id)))
  }

  /** One after the other: each starts from what the one before has left, in the file too. */
  #change(next: (keys: readonly Key[]) => readonly Key[]): Promise<boolean> {
    const keep = this.#keep
    if (keep === null) return Promise.resolve(false)
    const change = this.#changed.then(async () => {
      const keys = next(this.#keys)
      if (keys.length === this.#keys.length) return false
      await keep(keys.map(({ text }) => text))
      this.#keys = keys
      return true
    })
    this.#changed = change.catch(() => {})
    return change
  }

  get #sealing(): Key {
    const [first] = this.#keys
    if (first === undefined) throw new Error('there is no key to seal with')
    return first
  }
}

export function makeSealingKey(): string {
  return randomBytes(KEY_BYTES).toString('base64')
}

/** By commas, blanks or lines. */
export function sealingKeysOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '')
}

export function isSealingKey(text: string): boolean {
  return bytesOf(text)?.length === KEY_BYTES
}

function keyOf(text: string): Key {
  const bytes = bytesOf(text)
  if (bytes?.length !== KEY_BYTES) throw new Error('a key to seal with is 32 bytes, in base64 or hex')
  // Tells keys apart and nothing about them.
  return {
    id: hash('sha256', Buffer.concat([Buffer.from('carillon sealing key\n'), bytes]), 'hex').slice(0, 16),
    text,
    bytes,
  }
}

function bytesOf(text: string): Buffer | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : null
}
