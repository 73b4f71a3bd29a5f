// The door of dcron on a real port, on an empty store with a clock held by hand, and a client with a key of the door's.

import { ensureDoorProject } from '../../../src/commands/door-project.ts'
import type { Principal } from '../../../src/domain/api-key.ts'
import { dcronDoor } from '../../../src/doors/compat/dcron/routes.ts'
import { REST_LIMITS, type RestLimits } from '../../../src/doors/http/limits.ts'
import { TrustedProxies } from '../../../src/doors/http/trusted-proxies.ts'
import { GrpcListener } from '../../../src/doors/http2/grpc-listener.ts'
import { MemoryBlobs } from '../../support/memory-blobs.ts'
import { type CompatHouse, DOOR_KEY, openCompatHouse } from '../compat-house.ts'
import { DcronClient } from './grpc-client.ts'

export type DcronHouse = AsyncDisposable & {
  readonly compat: CompatHouse
  readonly client: DcronClient
  readonly address: string
  readonly listener: GrpcListener
  /** What clients have put into the storage. */
  readonly scripts: MemoryBlobs
}

type Parts = {
  readonly limits?: Partial<RestLimits>
  readonly anonymous?: boolean
  readonly key?: string | null
  /** Addresses of proxies that are believed. */
  readonly proxies?: readonly string[]
  /** Before a script is read from the storage. */
  readonly beforeScript?: () => Promise<void>
}

export async function openDcronHouse(parts: Parts = {}): Promise<DcronHouse> {
  const scripts = new MemoryBlobs()
  const compat = await openCompatHouse(dcronDoor, {
    foreignScripts: {
      get: async (...key) => {
        await parts.beforeScript?.()
        return scripts.get(...key)
      },
    },
  })
  const { ctx, faults } = compat.house
  const project = await ensureDoorProject(ctx, dcronDoor.system)
  const anyone: Principal = {
    id: 'door',
    name: 'anybody',
    scopes: ['jobs:write', 'runs:write'],
    projectIds: [project.id],
  }
  const listener = new GrpcListener(dcronDoor.grpc!, {
    ctx,
    limits: { ...REST_LIMITS, ...parts.limits },
    logger: { error: (fields, message) => faults.push({ fields, message }), debug() {} },
    anonymous: parts.anonymous === true ? anyone : null,
    proxies: new TrustedProxies(parts.proxies ?? []),
  })
  const { port } = await listener.listen({ host: '::1', port: 0 })
  const address = `[::1]:${port}`
  const client = new DcronClient(address, parts.key === undefined ? DOOR_KEY : parts.key)
  return {
    compat,
    client,
    address,
    listener,
    scripts,
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]()
      await listener[Symbol.asyncDispose]()
      await compat[Symbol.asyncDispose]()
    },
  }
}
