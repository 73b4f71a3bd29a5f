// Keys are revoked or may do less, and people sign out, while a stream goes on.

import { authenticate } from '../../../commands/authenticate.ts'
import { holds } from '../../../commands/authorize.ts'
import { visitorOf } from '../../../commands/visits.ts'
import type { Ask } from '../../http/endpoint.ts'
import { presentedKey } from '../../http/presented-key.ts'
import { visitToken } from '../../http/visit-cookie.ts'

/** Asked now and then while the stream goes on. Whoever may do less than when it began is gone too. */
export function rightToStay({
  ctx,
  who,
  request,
}: Pick<Ask<unknown, unknown>, 'ctx' | 'who' | 'request'>): () => Promise<boolean> {
  const key = presentedKey(request.raw.rawHeaders)
  const token = visitToken(request.headers.cookie) ?? ''
  return async () => {
    const now = key === null ? (await visitorOf(ctx, token))?.who : await authenticate(ctx, key)
    return now != null && who.scopes.every((scope) => holds(now, scope))
  }
}
