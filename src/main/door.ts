// The ways in: REST v1, the page and the doors of replaced systems on one listener, and further listeners for the latter.

import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { EventHub } from '../adapters/system/event-hub.ts'
import type { Context } from '../commands/context.ts'
import type { Survey } from '../commands/survey.ts'
import { compatPrefix, mountCompatDoor } from '../doors/compat/mount-door.ts'
import { REST_LIMITS, type RestLimits } from '../doors/http/limits.ts'
import { TrustedProxies } from '../doors/http/trusted-proxies.ts'
import { buildRestServer } from '../doors/rest/server.ts'
import { mountPage } from '../doors/web/page-door.ts'
import { readPageFiles } from '../doors/web/page-files.ts'
import type { Membership } from '../engine/membership.ts'
import type { Settings } from '../protocol/settings.ts'
import type { ServerBus } from './bus.ts'
import { compatDoors, openCompatListeners } from './compat-doors.ts'
import type { Config } from './config/config.ts'
import { formatAddress } from './config/kinds.ts'
import { liveFeed } from './live-feed.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { readiness } from './readiness.ts'
import { version } from './version.ts'

export type Door = AsyncDisposable & {
  readonly url: string
  /** From now on `readyz` says no, so that whoever balances load looks elsewhere. Requests are still answered. */
  leave(): void
}

export type DoorParts = {
  readonly config: Config
  readonly settings: Settings
  readonly ctx: Context
  readonly hub: EventHub
  readonly survey: Survey
  readonly metrics: Metrics
  readonly membership: Membership
  readonly bus: Pick<ServerBus, 'figures'>
  readonly logger: Logger
}

export async function openDoor(parts: DoorParts): Promise<Door> {
  const { config, settings, ctx, hub, survey, metrics, membership, logger } = parts
  const health = readiness(ctx.store, membership, parts.bus.figures)
  const leaving = (): boolean => health.leaving()
  const limits: RestLimits = {
    ...REST_LIMITS,
    bodyBytesMax: config.bodyLimitBytes,
    batchBodyBytesMax: config.batchBodyLimitBytes,
    requestsPerMinute: config.rateLimitPerMinute,
    requireIfMatch: config.requireIfMatch,
    eventsClientsMax: config.eventsClientsMax,
  }
  const proxies = new TrustedProxies(config.trustedProxies)
  await using open = new AsyncDisposableStack()
  const files = await readPageFiles()
  const app = await buildRestServer({
    ctx,
    logger,
    health,
    survey,
    leaving,
    own: () => ({ id: membership.nodeId, figures: membership.figures() }),
    version,
    settings,
    metrics: metrics.text,
    observe: metrics.answered,
    proxies,
    publicUrl: config.publicUrl,
    events: { subscribe: (afterId, signal) => liveFeed(hub, afterId, signal) },
    limits,
    beside: [
      (server) => mountPage(server, files),
      ...compatDoors(config).map(({ door }) => (server: FastifyInstance) => {
        mountCompatDoor(server, door, { ctx, limits, logger, prefix: compatPrefix(door.system) })
      }),
    ],
  })
  open.defer(() => app.close())
  await app.listen(config.listen)
  const { address, port } = app.server.address() as AddressInfo
  const { answered: observe } = metrics
  open.use(await openCompatListeners(config, { ctx, limits, logger, leaving, observe, proxies }))
  const ways = open.move()
  return {
    url: `http://${formatAddress({ host: address, port })}`,
    leave: () => health.leave(),
    [Symbol.asyncDispose]: () => ways.disposeAsync(),
  }
}
