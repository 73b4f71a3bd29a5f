// How a request shows whose it is: a signature, or a token minted for it. Both own the headers they travel in.

import type { Problems } from './errors.ts'
import { isSecretPlace } from './secret.ts'
import { AUDIENCE_MAX, type HttpTarget, SIGN_SECRETS_MAX } from './target.ts'

export function checkSign(
  { sign, headers = {} }: Pick<HttpTarget, 'sign' | 'headers'>,
  problems: Problems,
  pointer: string,
): void {
  if (sign === undefined) return
  if (sign.secrets.length === 0 || sign.secrets.length > SIGN_SECRETS_MAX) {
    problems.add(
      `${pointer}/sign/secrets`,
      'range',
      `A request is signed with 1 to ${SIGN_SECRETS_MAX} secrets.`,
    )
  }
  sign.secrets.forEach((text, n) => {
    if (isSecretPlace(text)) return
    problems.add(
      `${pointer}/sign/secrets/${n}`,
      'secret_name',
      'What signs is a secret of the project, named as {{secret.name}}: it does not stand in the job itself.',
    )
  })
  for (const name of Object.keys(headers)) {
    if (!/^webhook-(?:id|timestamp|signature)$/i.test(name)) continue
    problems.add(
      `${pointer}/headers/${name}`,
      'header_reserved',
      `The header "${name}" belongs to the signature and is set by the scheduler.`,
    )
  }
}

export function checkAuth(
  { auth, headers = {} }: Pick<HttpTarget, 'auth' | 'headers'>,
  problems: Problems,
  pointer: string,
): void {
  if (auth === undefined) return
  const { audience } = auth.oidc
  if (!/^[\x21-\x7e]+$/.test(audience) || audience.length > AUDIENCE_MAX) {
    problems.add(
      `${pointer}/auth/oidc/audience`,
      'audience_invalid',
      `An audience has 1 to ${AUDIENCE_MAX} visible characters, as the receiver expects it in "aud".`,
    )
  }
  for (const name of Object.keys(headers)) {
    if (name.toLowerCase() !== 'authorization') continue
    problems.add(
      `${pointer}/headers/${name}`,
      'header_reserved',
      'The header "Authorization" carries the token of "auth". Leave out one of them.',
    )
  }
}
