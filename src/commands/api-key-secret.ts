// The text of a key: prefix, id, 32 random bytes, checksum. The prefix lets secret scanners find a leaked one,
// the checksum refuses a mistyped one without a look into the store. Only the hash of the whole text is stored.

import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Chance } from '../ports/chance.ts'

const PREFIX = 'carillon_'
const SECRET_BYTES = 32
export const KEY_TEXT_MAX = 512

export function makeKey(chance: Chance): { secret: string; hash: string; hint: string } {
  const body = PREFIX + chance.hex(SECRET_BYTES)
  const secret = body + checksum(body)
  return { secret, hash: hashKey(secret), hint: hintOf(secret) }
}

export function hashKey(secret: string): string {
  return hash('sha256', secret, 'hex')
}

export function hintOf(secret: string): string {
  return secret.startsWith(PREFIX) ? `${secret.slice(0, PREFIX.length + 6)}…` : `${secret.slice(0, 2)}…`
}

/** A key of our making whose checksum does not fit was mistyped or cut off. */
export function isMistyped(secret: string): boolean {
  if (!secret.startsWith(PREFIX)) return false
  return checksum(secret.slice(0, -8)) !== secret.slice(-8)
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}
