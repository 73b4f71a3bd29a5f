// Why no answer came, and what to do about it.

import type { CarillonError } from '../sdk/index.ts'

type Reason = [what: string, more: { readonly hint: string; readonly cause: unknown }]

export function reasonOfSilence(error: CarillonError, url: string): Reason {
  const code = codeBelow(error)
  const say = (what: string, hint: string): Reason => [what, { hint, cause: error }]
  if (code === 'ECONNREFUSED') {
    return say(
      `Nothing answers at ${url}.`,
      'Start a server with "carillon up", or say where it is with --url or CARILLON_URL.',
    )
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return say(
      `The name ${new URL(url).hostname} has no address.`,
      'Check --url or CARILLON_URL, and the network.',
    )
  }
  if (/SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED/.test(code)) {
    return say(
      `The certificate of ${url} is not signed by an authority this machine trusts (${code}).`,
      'If it is yours, name its authority: NODE_EXTRA_CA_CERTS=/path/to/ca.pem',
    )
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return say(
      `The certificate of ${url} is out of date (${code}).`,
      'Renew it on the server, and check the clock of this machine.',
    )
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return say(
      `The certificate of ${url} is for another name.`,
      'Use the name the certificate has in --url or CARILLON_URL.',
    )
  }
  if (/^ERR_SSL|EPROTO/.test(code)) {
    return say(`${url} does not speak TLS.`, `Try ${url.replace(/^https:/, 'http:')}.`)
  }
  return say(error.detail, 'Check --url or CARILLON_URL, and whether the server runs.')
}

/** The code of the innermost cause that has one. An attempt on several addresses fails with a list. */
function codeBelow(error: unknown): string {
  let code = ''
  for (
    let at = error as Nested | undefined;
    at !== undefined && at !== null;
    at = at.cause ?? at.errors?.[0]
  ) {
    if (typeof at.code === 'string') code = at.code
  }
  return code
}

type Nested = { readonly code?: unknown; readonly cause?: Nested; readonly errors?: readonly Nested[] }
