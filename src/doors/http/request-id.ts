// Every request has an id, in its reply, its problem document and the log. A caller may bring its own.

import { HTTP_SERVER_LIMITS } from './limits.ts'

const SANE = /^[A-Za-z0-9!#$%&'*+.^_`|~:/=-]+$/

/** null: nothing usable was brought. */
export function broughtRequestId(header: string | string[] | undefined): string | null {
  if (typeof header !== 'string' || header.length > HTTP_SERVER_LIMITS.requestIdMax) return null
  return SANE.test(header) ? header : null
}
