// Signatures by the Standard Webhooks specification (https://www.standardwebhooks.com): over id, time and body, one for each
// secret, so that a receiver that knows the old one or the new one takes it while secrets change.

import { createHmac, createPrivateKey, type KeyObject, sign } from 'node:crypto'

export type Signed = {
  /** The same over all tries; of a batch another for each, as it may hold others then. Holds no dot. */
  readonly id: string
  readonly at: number
  readonly body: Uint8Array
}

/** Bytes of a symmetric secret. */
const SECRET_MIN = 24
const SECRET_MAX = 64
const SEED_BYTES = 32

/** Before the seed of an Ed25519 key: what says that it is one (RFC 8410). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Names and values in turn. Throws, without naming the secret, where it is none to sign with. */
export function signatureHeaders(secrets: readonly string[], { id, at, body }: Signed): string[] {
  const timestamp = String(Math.floor(at / 1_000))
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body])
  const signatures = secrets.map((secret) => signatureOf(secret, content))
  return ['webhook-id', id, 'webhook-timestamp', timestamp, 'webhook-signature', signatures.join(' ')]
}

function signatureOf(secret: string, content: Buffer): string {
  if (secret.startsWith('whsk_')) return `v1a,${sign(null, content, privateKeyOf(secret)).toString('base64')}`
  return `v1,${createHmac('sha256', keyOf(secret)).update(content).digest('base64')}`
}

function keyOf(secret: string): Buffer {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  if (secret.startsWith('whsec_') && key.length >= SECRET_MIN && key.length <= SECRET_MAX) return key
  throw new Error(
    `a secret to sign with is "whsec_" and ${SECRET_MIN} to ${SECRET_MAX} bytes in base64, or "whsk_" and an Ed25519 key`,
  )
}

function privateKeyOf(secret: string): KeyObject {
  const bytes = Buffer.from(secret.slice('whsk_'.length), 'base64')
  if (bytes.length !== SEED_BYTES && bytes.length !== 2 * SEED_BYTES)
    throw new Error('a secret "whsk_" holds an Ed25519 key: 32 bytes, or 64 with its public half, in base64')
  const der = Buffer.concat([PKCS8_ED25519, bytes.subarray(0, SEED_BYTES)])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}
