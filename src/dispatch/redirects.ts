// Where a redirect leads and what may travel along (RFC 9110 §15.4). A hop is a request like the first: the
// guard sees its address, the deadline goes on.

import type { WireRequest } from './exchange.ts'

export type Hop =
  | { readonly kind: 'follow'; readonly request: WireRequest; readonly url: URL }
  /** It cannot be followed, and this is why. */
  | { readonly kind: 'refuse'; readonly message: string }

const REDIRECT_STATUSES: readonly number[] = [301, 302, 303, 307, 308]

/** They authorize the caller at one origin; another must not see them. */
const CREDENTIAL_HEADERS: readonly string[] = ['authorization', 'cookie', 'proxy-authorization']

/** They describe a body that is no longer sent. */
const BODY_HEADERS: readonly string[] = [
  'content-type',
  'content-encoding',
  'content-language',
  'content-location',
]

export function isRedirect(status: number, location: string | string[] | undefined): location is string {
  return REDIRECT_STATUSES.includes(status) && typeof location === 'string'
}

export function nextHop(from: WireRequest, status: number, location: string): Hop {
  const base = from.origin + from.path
  const url = URL.canParse(location, base) ? new URL(location, base) : null
  if (url === null) return refuse('it leads to something that is not a url')
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return refuse('it leads away from http and https')
  if (from.origin.startsWith('https:') && url.protocol === 'http:')
    return refuse('it leads from https to http')
  if (from.bound === true && url.origin !== from.origin)
    return refuse('it leads to another origin, and the request carries a secret or the token of its run')
  if (url.username !== '' || url.password !== '') return refuse('it carries a user name or password')

  const method = methodAfter(status, from.method)
  const dropsBody = method !== from.method
  const dropped = [
    ...(url.origin === from.origin ? [] : CREDENTIAL_HEADERS),
    ...(dropsBody ? BODY_HEADERS : []),
  ]
  const request: WireRequest = {
    origin: url.origin,
    path: url.pathname + url.search,
    method,
    headers: withoutHeaders(from.headers, dropped),
    body: dropsBody ? null : from.body,
    ...(from.guard === undefined ? {} : { guard: from.guard }),
    bound: from.bound === true,
  }
  return { kind: 'follow', request, url }
}

/** 303 always asks for a GET; 301 and 302 turned POST into GET in every browser; 307 and 308 change nothing. */
function methodAfter(status: number, method: string): string {
  if (status === 303) return method === 'HEAD' ? 'HEAD' : 'GET'
  return (status === 301 || status === 302) && method === 'POST' ? 'GET' : method
}

function withoutHeaders(headers: readonly string[], dropped: readonly string[]): string[] {
  const kept: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    if (!dropped.includes(headers[index]!.toLowerCase())) kept.push(headers[index]!, headers[index + 1]!)
  }
  return kept
}

function refuse(reason: string): Hop {
  return { kind: 'refuse', message: `the redirect was not followed: ${reason}` }
}
