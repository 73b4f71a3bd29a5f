// A listener for the clients of one replaced system: its addresses at the root, where they know them.

import type { FastifyInstance } from 'fastify'
import type { Principal } from '../../domain/api-key.ts'
import { createHttpServer, type HttpServerParts } from '../http/http-server.ts'
import type { CompatDoor } from './compat-door.ts'
import { mountCompatDoor } from './mount-door.ts'

export type CompatServerParts = Omit<HttpServerParts, 'places' | 'anonymous'> & {
  /** Who a caller without a key is; null: callers show one. */
  readonly anonymous: Principal | null
}

export async function buildCompatServer(
  door: CompatDoor,
  parts: CompatServerParts,
): Promise<FastifyInstance> {
  const { anonymous, ...rest } = parts
  const app = createHttpServer({ ...rest, anonymous: anonymous ?? undefined })
  mountCompatDoor(app, door, { ...parts, prefix: '' })
  await app.ready()
  return app
}
