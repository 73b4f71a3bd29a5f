// A door that asks nobody for a key stands open to whatever runs on this machine, and that includes every web page in a
// browser. What such a page sends is told from a program's by what the browser adds.

import { HttpProblem } from './http-problem.ts'

type Told = {
  readonly method: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

const HARMLESS = new Set(['GET', 'HEAD', 'OPTIONS'])
const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

export function isHarmless(method: string): boolean {
  return HARMLESS.has(method)
}

/** Did it come from a page of this very host? */
export function isSameHost(
  origin: string | string[] | undefined,
  host: string | string[] | undefined,
): boolean {
  return typeof origin === 'string' && typeof host === 'string' && URL.parse(origin)?.host === host
}

/** For callers without a key. Programs send neither header, and name this machine. */
export function refuseForeignPage({ method, headers }: Told): void {
  const { host, origin } = headers
  // A foreign name that was made to point here: then the browser takes its page for one of ours.
  if (typeof host === 'string' && !LOOPBACK.test(URL.parse(`http://${host}`)?.hostname ?? '')) {
    throw new HttpProblem(
      'forbidden',
      'Without a key this is answered only at an address of this machine, such as 127.0.0.1 or localhost.',
    )
  }
  if (isHarmless(method)) return
  const site = headers['sec-fetch-site'] ?? 'none'
  const isOurs = site === 'none' || site === 'same-origin'
  if (isOurs && (origin === undefined || isSameHost(origin, host))) return
  throw new HttpProblem(
    'forbidden',
    'A web page of another address has sent this. Without a key only programs on this machine may write here.',
  )
}
