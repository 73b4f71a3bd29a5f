// How the server is, for whoever watches over it.

import { authorize, holds } from '../../../commands/authorize.ts'
import type { Principal } from '../../../domain/api-key.ts'
import { Alive, Readiness, Version } from '../../../protocol/health.ts'
import { type Endpoint, endpoint, NOBODY } from '../../http/endpoint.ts'
import { unauthenticated } from '../../http/presented-key.ts'
import { flag } from '../../http/query.ts'

export type ReadyCheck = { readonly name: string; readonly ok: boolean; readonly detail: string }

export type HealthParts = {
  readonly health: { ready(): Promise<{ ok: boolean; checks: readonly ReadyCheck[] }> }
  readonly metrics: () => Promise<{ contentType: string; text: string }>
  readonly version: { readonly version: string; readonly node: string; readonly tzdata: string }
}

export function healthEndpoints({ health, metrics, version }: HealthParts): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/livez',
      operationId: 'getLiveness',
      tag: 'Health',
      summary: 'Is the process alive?',
      action: 'health.read',
      replies: { 200: { description: 'It answers.', schema: Alive } },
      handle: () => ({ status: 200, body: { status: 'ok' } satisfies Alive }),
    }),
    endpoint({
      method: 'GET',
      path: '/readyz',
      operationId: 'getReadiness',
      tag: 'Health',
      summary: 'Can it take requests?',
      action: 'health.read',
      query: { verbose: flag('With the single checks; needs a key.') },
      replies: {
        200: { description: 'It can.', schema: Readiness },
        503: { description: 'It cannot now.', schema: Readiness },
      },
      handle: async ({ who, query }) => {
        if (query.verbose === true) refuseLook(who)
        const { ok, checks } = await health.ready()
        const detail = query.verbose === true ? { checks: checks.map((check) => ({ ...check })) } : {}
        const body: Readiness = { status: ok ? 'ok' : 'unavailable', ...detail }
        return { status: ok ? 200 : 503, body }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/metrics',
      operationId: 'getMetrics',
      tag: 'Health',
      summary: 'Figures in the Prometheus text format',
      action: 'metrics.read',
      replies: { 200: { description: 'The figures.', contentType: 'text/plain' } },
      handle: async () => {
        const { contentType, text } = await metrics()
        return { status: 200, body: text, contentType }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/version',
      operationId: 'getVersion',
      tag: 'Health',
      summary: 'Which version is running?',
      action: 'health.read',
      replies: { 200: { description: 'The version.', schema: Version } },
      handle: () => {
        const { node, tzdata } = version
        return {
          status: 200,
          body: { name: 'carillon', version: version.version, node, tzdata } satisfies Version,
        }
      },
    }),
  ]
}

function refuseLook(who: Principal): void {
  if (who === NOBODY) throw unauthenticated('The single checks need a key: "Authorization: Bearer <key>".')
  if (!holds(who, 'jobs:read')) authorize(who, 'health.detail')
}
