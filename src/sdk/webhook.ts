// For receivers: was this sent by somebody who knows the secret, and just now? By the Standard Webhooks specification
// (https://www.standardwebhooks.com). Runs wherever Web Crypto is: Node, browsers, workers.

export type WebhookHeaders = {
  /** As Headers or as a plain object; names in any case. */
  readonly get?: (name: string) => string | null
} & object

export type WebhookRequest = {
  readonly headers: WebhookHeaders | Readonly<Record<string, string | readonly string[] | undefined>>
  /** The body as it arrived, byte for byte: parsed and written anew it does not match. */
  readonly body: string | Uint8Array
}

export type WebhookRules = {
  /** "whsec_…" (shared) or "whpk_…" (public, of an Ed25519 key); several while they change. */
  readonly secrets: string | readonly string[]
  /** How far the time of sending may be away. Default 300. */
  readonly toleranceSeconds?: number
  /** Epoch milliseconds. Default: now. */
  readonly now?: number
}

export type VerifiedWebhook = {
  /**
   * The run, or the delivery of a callback: the same over all tries, so what was seen already need not be done again. Of a batch
   * it is another for each try; there the `runId` of an item is the same.
   */
  readonly id: string
  readonly sentAt: Date
}

export type WebhookFault =
  | 'header_missing'
  | 'timestamp_invalid'
  | 'too_old'
  | 'too_new'
  | 'no_match'
  | 'secret_invalid'

export class WebhookError extends Error {
  readonly fault: WebhookFault

  constructor(fault: WebhookFault, message: string) {
    super(message)
    this.name = 'WebhookError'
    this.fault = fault
  }
}

const TOLERANCE_S = 300
/** More would only be there to keep us busy. */
const SIGNATURES_MAX = 20

/**
 * Resolves when one signature matches one secret and the time is near; else throws a WebhookError.
 *
 * @example
 * const { id } = await verifyWebhook({ headers: request.headers, body: await request.text() }, { secrets: process.env.WEBHOOK_SECRET })
 */
export async function verifyWebhook(request: WebhookRequest, rules: WebhookRules): Promise<VerifiedWebhook> {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    headerOf(request.headers, name),
  ) as [string, string, string]
  const sentAt = timeOf(timestamp, rules)
  const content = concat(new TextEncoder().encode(`${id}.${timestamp}.`), bytesOf(request.body))
  const secrets = typeof rules.secrets === 'string' ? [rules.secrets] : rules.secrets
  const shown = signatures.split(' ').slice(0, SIGNATURES_MAX)
  for (const secret of secrets) {
    const { version, matches } = await checkOf(secret)
    for (const signature of shown) {
      const [kind, text = ''] = signature.split(',', 2)
      const bytes = kind === version ? fromBase64(text) : null
      if (bytes !== null && (await matches(bytes, content))) return { id, sentAt }
    }
  }
  throw new WebhookError('no_match', 'No signature of this request was made with the secret over this body.')
}

type Check = {
  readonly version: 'v1' | 'v1a'
  readonly matches: (signature: Uint8Array<ArrayBuffer>, content: Uint8Array<ArrayBuffer>) => Promise<boolean>
}

async function checkOf(secret: string): Promise<Check> {
  const { subtle } = globalThis.crypto
  if (secret.startsWith('whpk_')) {
    const raw = keyBytes(secret.slice('whpk_'.length), 32, 32)
    const key = await subtle.importKey('raw', raw, { name: 'Ed25519' }, false, ['verify'])
    return {
      version: 'v1a',
      matches: (signature, content) => subtle.verify('Ed25519', key, signature, content),
    }
  }
  const raw = keyBytes(secret.replace(/^whsec_/, ''), 24, 64)
  const key = await subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
  // Compared in constant time by the platform.
  return { version: 'v1', matches: (signature, content) => subtle.verify('HMAC', key, signature, content) }
}

function keyBytes(text: string, min: number, max: number): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64(text)
  if (bytes !== null && bytes.length >= min && bytes.length <= max) return bytes
  throw new WebhookError('secret_invalid', 'The secret is none: "whsec_" or "whpk_" and its bytes in base64.')
}

function headerOf(headers: WebhookRequest['headers'], name: string): string {
  const value =
    'get' in headers && typeof headers.get === 'function'
      ? headers.get(name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  if (typeof value === 'string' && value !== '') return value
  throw new WebhookError('header_missing', `The request has no header "${name}".`)
}

function timeOf(timestamp: string, { toleranceSeconds = TOLERANCE_S, now = Date.now() }: WebhookRules): Date {
  if (!/^\d{1,11}$/.test(timestamp))
    throw new WebhookError('timestamp_invalid', 'The header "webhook-timestamp" is no time in seconds.')
  const ms = Number(timestamp) * 1_000
  if (ms < now - toleranceSeconds * 1_000)
    throw new WebhookError('too_old', 'The request was signed too long ago; it may be one that was kept.')
  if (ms > now + toleranceSeconds * 1_000)
    throw new WebhookError('too_new', 'The request was signed in the future: a clock is wrong.')
  return new Date(ms)
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? new TextEncoder().encode(body) : body
}

function concat(head: Uint8Array, rest: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(head.length + rest.length)
  all.set(head)
  all.set(rest, head.length)
  return all
}

/** null: it is none. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const binary = atob(text)
    return Uint8Array.from(binary, (letter) => letter.charCodeAt(0))
  } catch {
    return null
  }
}
