// REST v1 and its documentation on an HTTP server. Listening and closing are the caller's.

import type { FastifyInstance } from 'fastify'
import type { Context } from '../../commands/context.ts'
import type { Survey } from '../../commands/survey.ts'
import { type Answered, createHttpServer } from '../http/http-server.ts'
import { REST_LIMITS, type RestLimits } from '../http/limits.ts'
import { mountEndpoint } from '../http/mount-endpoint.ts'
import type { DoorLogger } from '../http/problem-send.ts'
import type { TrustedProxies } from '../http/trusted-proxies.ts'
import { docsEndpoints } from './docs-page.ts'
import { openApiDocument } from './openapi/openapi-document.ts'
import { restEndpoints } from './v1/endpoints.ts'
import type { HealthParts } from './v1/health.ts'
import type { LiveEvents } from './v1/live-events.ts'
import type { OwnNode } from './v1/nodes.ts'
import type { SettingsParts } from './v1/settings.ts'
import type { VisitParts } from './v1/visit-parts.ts'

export type RestServerParts = HealthParts &
  OwnNode &
  SettingsParts &
  Partial<VisitParts> & {
    readonly ctx: Context
    readonly events: LiveEvents
    readonly survey: Survey
    /** What is left out has its default. */
    readonly limits?: Partial<RestLimits>
    readonly logger: DoorLogger
    readonly leaving?: () => boolean
    readonly observe?: (answered: Answered) => void
    readonly proxies?: TrustedProxies | undefined
    /** Other doors on the same listener, each below addresses of its own. */
    readonly beside?: readonly ((app: FastifyInstance) => void)[]
  }

/** Ready to listen. Closing ends live streams first, then waits for requests under way. */
export async function buildRestServer(parts: RestServerParts): Promise<FastifyInstance> {
  const { ctx, logger } = parts
  const limits: RestLimits = { ...REST_LIMITS, ...parts.limits }
  const closing = new AbortController()
  const endpoints = restEndpoints({ publicUrl: null, ...parts, limits, closing: closing.signal })
  const docs = docsEndpoints(() => openApiDocument(endpoints, parts.version.version))
  const all = [...endpoints, ...docs]
  const app = createHttpServer({
    ctx,
    limits,
    logger,
    observe: parts.observe,
    leaving: parts.leaving,
    proxies: parts.proxies,
    agents: true,
    places: all,
  })
  app.addHook('preClose', (done) => {
    closing.abort()
    done()
  })
  for (const endpoint of all) mountEndpoint(app, ctx, limits, endpoint)
  for (const mount of parts.beside ?? []) mount(app)
  await app.ready()
  return app
}
