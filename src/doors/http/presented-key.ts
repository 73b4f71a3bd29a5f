// Which key a request shows: `Authorization: Bearer <key>` or `X-API-Key: <key>`, once.

import { AppError } from '../../domain/errors.ts'
import { HttpProblem } from './http-problem.ts'

/** Names under which people put keys into addresses, where logs and histories keep them. */
const KEY_PARAMETERS = ['api_key', 'apikey', 'api-key', 'x-api-key', 'access_token', 'authorization', 'token']

/** null: none is shown. Throws when it is shown in a way that cannot be taken. */
export function presentedKey(rawHeaders: readonly string[]): string | null {
  const bearers: string[] = []
  const keys: string[] = []
  for (let n = 0; n + 1 < rawHeaders.length; n += 2) {
    const name = rawHeaders[n]!.toLowerCase()
    if (name === 'authorization') bearers.push(rawHeaders[n + 1]!)
    else if (name === 'x-api-key') keys.push(rawHeaders[n + 1]!)
  }
  if (bearers.length + keys.length === 0) return null
  if (bearers.length > 1 || keys.length > 1)
    throw unauthenticated('A request shows one key; this one shows several.')
  const shown = new Set([...bearers.map(bearerToken), ...keys.map((key) => key.trim())])
  if (shown.size > 1)
    throw unauthenticated('Authorization and X-API-Key show different keys. Send one of them.')
  const [token = ''] = shown
  if (token === '') throw unauthenticated('The key is empty.')
  return token
}

export function unauthenticated(detail: string): AppError {
  return new AppError('unauthenticated', detail)
}

/** One text for all there is to be wrong with it: which it was is nobody's business. */
export function notValid(): AppError {
  return unauthenticated(
    'This key or token is not valid here: unknown, mistyped, expired, revoked, or not meant for this server.',
  )
}

export function refuseKeyInQuery(names: Iterable<string>): void {
  for (const name of names) {
    if (!KEY_PARAMETERS.includes(name.toLowerCase())) continue
    const detail =
      'A key in the address ends up in logs and histories. Send it as "Authorization: Bearer <key>", and replace this one.'
    throw new HttpProblem('key_in_query', detail, {
      problems: [{ pointer: `?${name}`, code: 'key_in_query', detail }],
    })
  }
}

function bearerToken(header: string): string {
  const match = /^Bearer(?: +(.*))?$/i.exec(header.trim())
  if (match === null) throw unauthenticated('The Authorization header is not "Bearer <key>".')
  return (match[1] ?? '').trim()
}
