// The cookie of the page: not for scripts, not for other sites. And what a browser must say of where a write comes
// from, since it sends the cookie by itself.

import { isHarmless, isSameHost } from './foreign-page.ts'
import { HttpProblem } from './http-problem.ts'

const NAME = 'carillon_visit'

/** null: none. With several of the same name (another path, another host) the first counts, as the browser has it. */
export function visitToken(header: string | undefined): string | null {
  for (const part of (header ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2)
    if (name === NAME && value) return value
  }
  return null
}

export function visitCookie(token: string, seconds: number, secure: boolean): string {
  const attributes = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}`
  return `${NAME}=${token}; ${attributes}${secure ? '; Secure' : ''}`
}

export function endedCookie(secure: boolean): string {
  return visitCookie('', 0, secure)
}

type Told = {
  readonly method: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** A write in the name of a cookie comes from a page of this server, and the browser says so. */
export function refuseForeignWrite({ method, headers }: Told): void {
  if (isHarmless(method)) return
  const site = headers['sec-fetch-site']
  const here = site === undefined ? isSameHost(headers['origin'], headers['host']) : site === 'same-origin'
  if (here) return
  throw new HttpProblem(
    'forbidden',
    'This request was not made by the page of this server. Programs send a key: "Authorization: Bearer <key>".',
  )
}
