// Keys are revoked and people sign out while a stream goes on.

import { authenticate } from '../../../commands/authenticate.ts'
import { visitorOf } from '../../../commands/visits.ts'
import type { Ask } from '../../http/endpoint.ts'
import { presentedKey } from '../../http/presented-key.ts'
import { visitToken } from '../../http/visit-cookie.ts'

/** Asked now and then while the stream goes on. */
export function rightToStay({
  ctx,
  request,
}: Pick<Ask<unknown, unknown>, 'ctx' | 'request'>): () => Promise<boolean> {
  const key = presentedKey(request.raw.rawHeaders)
  const token = visitToken(request.headers.cookie) ?? ''
  return async () => (key === null ? await visitorOf(ctx, token) : await authenticate(ctx, key)) !== null
}
