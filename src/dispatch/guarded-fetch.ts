// `fetch` for services that the server itself uses: the same guard, the same connector as the calls of jobs, each hop of a
// redirect included. No proxy of the environment is asked.

import { Agent, fetch as plainFetch } from 'undici'
import type { AddressGuard } from './address-guard.ts'
import { createConnector } from './connector.ts'
import { TargetForbidden } from './failures.ts'
import { callableUrl } from './prepared-target.ts'

export type GuardedInit = {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  readonly signal?: AbortSignal
  /** Default: an answer that leads elsewhere is an error. */
  readonly redirect?: 'error' | 'follow' | 'manual'
}

export type GuardedFetch = {
  /** Rejects with TargetForbidden where the guard refuses. */
  fetch(url: string, init?: GuardedInit): Promise<Response>
} & AsyncDisposable

export function createGuardedFetch(guard: AddressGuard): GuardedFetch {
  const connect = createConnector(guard)
  const agent = new Agent({ connect: connect(() => {}), allowH2: false, maxRedirections: 0 } as Agent.Options)
  return {
    async fetch(url, init = {}) {
      try {
        const answer = await plainFetch(callableUrl(url), { redirect: 'error', ...init, dispatcher: agent })
        return answer as unknown as Response
      } catch (error) {
        throw refusalIn(error) ?? error
      }
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  }
}

/** It comes wrapped in "fetch failed". */
function refusalIn(error: unknown): TargetForbidden | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof TargetForbidden) return cause
  }
  return null
}
