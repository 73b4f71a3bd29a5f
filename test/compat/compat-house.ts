// A door on a listener of its own, on an empty store with a clock held by hand; callers come with a key of the door's.

import type { InjectOptions } from 'fastify'
import type { Context } from '../../src/commands/context.ts'
import { ensureDoorProject } from '../../src/commands/door-project.ts'
import { ensureDoorKey } from '../../src/commands/keys.ts'
import type { CompatDoor } from '../../src/doors/compat/compat-door.ts'
import { buildCompatServer } from '../../src/doors/compat/compat-server.ts'
import { compatPrefix, mountCompatDoor } from '../../src/doors/compat/mount-door.ts'
import { REST_LIMITS } from '../../src/doors/http/limits.ts'
import type { Store } from '../../src/ports/store.ts'
import { type House, openHouse } from '../rest/house.ts'

export const DOOR_KEY = 'a-key-for-clients-of-a-door'

export type CompatReply = {
  readonly status: number
  readonly text: string
  readonly json: unknown
  readonly headers: Readonly<Record<string, unknown>>
}

export type CompatAsking = {
  readonly body?: unknown
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly key?: string | null
}

export type CompatHouse = {
  readonly house: House
  /** At the root of the door's own listener. */
  ask(method: string, url: string, more?: CompatAsking): Promise<CompatReply>
  /** On the main listener, below /compat/<system>. */
  askMain(method: string, url: string, more?: CompatAsking): Promise<CompatReply>
  /** Opens the door's own listener on a free port, for clients that are programs. */
  listen(): Promise<string>
} & AsyncDisposable

export async function openCompatHouse(
  door: CompatDoor,
  {
    anonymous = false,
    store,
    foreignScripts,
  }: {
    anonymous?: boolean
    store?: (store: Store) => Store
    foreignScripts?: Context['foreignScripts']
  } = {},
): Promise<CompatHouse> {
  const prefix = compatPrefix(door.system)
  const house = await openHouse({
    ...(store === undefined ? {} : { store }),
    ...(foreignScripts === undefined ? {} : { foreignScripts }),
    beside: (ctx, logger) => (app) =>
      mountCompatDoor(app, door, { ctx, limits: REST_LIMITS, logger, prefix }),
  })
  const { ctx, faults } = house
  const project = await ensureDoorProject(ctx, door.system)
  await ensureDoorKey(ctx, { system: door.system, projectId: project.id }, DOOR_KEY)
  const anyone = {
    id: 'door',
    name: 'anybody',
    scopes: ['jobs:write', 'runs:write'] as const,
    projectIds: [project.id],
  }
  const app = await buildCompatServer(door, {
    ctx,
    limits: REST_LIMITS,
    logger: { error: (fields, message) => faults.push({ fields, message }), debug() {} },
    anonymous: anonymous ? anyone : null,
  })
  const asking = (server: typeof app, before: string) => {
    return async (method: string, url: string, more: CompatAsking = {}): Promise<CompatReply> => {
      const payload = more.raw ?? (more.body === undefined ? undefined : JSON.stringify(more.body))
      const key = more.key === undefined ? DOOR_KEY : more.key
      const headers = {
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === null ? {} : { 'x-api-key': key }),
        ...more.headers,
      }
      const options = { method, url: before + url, headers } as InjectOptions
      const reply = await server.inject(payload === undefined ? options : { ...options, payload })
      const isJson = String(reply.headers['content-type'] ?? '').includes('json')
      const json: unknown = isJson && reply.body !== '' ? JSON.parse(reply.body) : null
      return { status: reply.statusCode, text: reply.body, json, headers: reply.headers }
    }
  }
  return {
    house,
    ask: asking(app, ''),
    askMain: asking(house.app, prefix),
    listen: () => app.listen({ host: '127.0.0.1', port: 0 }),
    async [Symbol.asyncDispose]() {
      await app.close()
      await house[Symbol.asyncDispose]()
    },
  }
}
