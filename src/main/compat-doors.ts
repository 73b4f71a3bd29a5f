// The doors of the replaced systems: which there are, and the listeners of their own that were asked for.

import type { AddressInfo } from 'node:net'
import type { Context } from '../commands/context.ts'
import { ensureDoorProject } from '../commands/door-project.ts'
import { ensureDoorKey } from '../commands/keys.ts'
import type { Principal } from '../domain/api-key.ts'
import type { CompatDoor } from '../doors/compat/compat-door.ts'
import { buildCompatServer } from '../doors/compat/compat-server.ts'
import { dcronDoor } from '../doors/compat/dcron/routes.ts'
import { scheduleRsDoor } from '../doors/compat/schedule-rs/routes.ts'
import { scheduler0Door } from '../doors/compat/scheduler0/routes.ts'
import { simpleSchedulerDoor } from '../doors/compat/simple-scheduler/routes.ts'
import { taskschedulerDoor } from '../doors/compat/taskscheduler/routes.ts'
import type { Answered } from '../doors/http/http-server.ts'
import type { RestLimits } from '../doors/http/limits.ts'
import type { TrustedProxies } from '../doors/http/trusted-proxies.ts'
import { GrpcListener } from '../doors/http2/grpc-listener.ts'
import type { Address, Config } from './config/config.ts'
import { formatAddress } from './config/kinds.ts'
import type { Logger } from './logger.ts'

type DoorConfig = {
  readonly door: CompatDoor
  readonly listen: Address | null
  readonly anonymous: boolean
  readonly key: string | null
}

export function compatDoors(config: Config): DoorConfig[] {
  return [
    {
      door: scheduleRsDoor,
      listen: config.doorScheduleRsListen,
      anonymous: config.doorScheduleRsAnonymous,
      key: config.doorScheduleRsKey,
    },
    {
      door: scheduler0Door({
        executionTimeoutMs: config.doorScheduler0TimeoutMs,
        retryMax: config.doorScheduler0RetryMax,
        retryDelayMs: config.doorScheduler0RetryDelayMs,
        payloadBytesMax: config.doorScheduler0PayloadBytes,
      }),
      listen: config.doorScheduler0Listen,
      // Its clients always showed a pair of keys.
      anonymous: false,
      key: null,
    },
    {
      door: simpleSchedulerDoor,
      listen: config.doorSimpleSchedulerListen,
      // Its clients always showed a token.
      anonymous: false,
      key: null,
    },
    {
      door: dcronDoor,
      listen: config.doorDcronListen,
      anonymous: config.doorDcronAnonymous,
      key: null,
    },
    {
      door: taskschedulerDoor({ agents: config.doorTaskschedulerAgents }),
      listen: config.doorTaskschedulerListen,
      anonymous: config.doorTaskschedulerAnonymous,
      key: null,
    },
  ]
}

export type CompatListenerParts = {
  readonly ctx: Context
  readonly limits: RestLimits
  readonly logger: Logger
  readonly leaving: () => boolean
  readonly observe: (answered: Answered) => void
  readonly proxies: TrustedProxies
}

/** Opens what was configured; what it gives back is closed in the reverse order. */
export async function openCompatListeners(
  config: Config,
  parts: CompatListenerParts,
): Promise<AsyncDisposableStack> {
  await using open = new AsyncDisposableStack()
  for (const { door, listen, anonymous, key } of compatDoors(config)) {
    if (listen === null && key === null) continue
    const project = await ensureDoorProject(parts.ctx, door.system)
    if (key !== null) await ensureDoorKey(parts.ctx, { system: door.system, projectId: project.id }, key)
    if (listen === null) continue
    const anyone = anonymous ? whoeverComes(door.system, project.id) : null
    const { address, port } = await open
      .use(await listener(door, { ...parts, anonymous: anyone }))
      .listen(listen)
    const url = `http://${formatAddress({ host: address, port })}`
    parts.logger.info({ url, door: door.system, anonymous }, 'door open')
  }
  return open.move()
}

type Listener = AsyncDisposable & { listen(address: Address): Promise<AddressInfo> }

async function listener(
  door: CompatDoor,
  parts: CompatListenerParts & { readonly anonymous: Principal | null },
): Promise<Listener> {
  if (door.grpc !== undefined) return new GrpcListener(door.grpc, parts)
  const app = await buildCompatServer(door, parts)
  return {
    listen: async (address) => {
      await app.listen(address)
      return app.server.address() as AddressInfo
    },
    [Symbol.asyncDispose]: () => app.close(),
  }
}

/** May do with the system's own project what its clients always could, and nothing else. */
function whoeverComes(system: string, projectId: string): Principal {
  return {
    id: `door_${system}`,
    name: `anybody on the ${system} listener`,
    scopes: ['jobs:write', 'runs:write'],
    projectIds: [projectId],
  }
}
