// What signing in at the page has to know.

import type { FastifyRequest } from 'fastify'

export type VisitParts = {
  /** The address people reach this server under; null: the one they came by. */
  readonly publicUrl: string | null
}

/** May a browser send the cookie by TLS only? */
export function secureBy(publicUrl: string | null): (request: FastifyRequest) => boolean {
  const always = publicUrl?.startsWith('https:') === true
  return ({ caller }) => always || caller.secure
}
