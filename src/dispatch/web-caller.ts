// Whole answers of a bounded size, in time, by the guarded way that services of the server take.

import { formatDuration } from '../domain/duration.ts'
import { GatheredBytes } from '../domain/gathered-bytes.ts'
import type { Clock } from '../ports/clock.ts'
import type { WebAnswer, WebCaller } from '../ports/web-caller.ts'
import type { GuardedFetch } from './guarded-fetch.ts'

export function createWebCaller(
  services: Pick<GuardedFetch, 'fetch'>,
  { clock, userAgent }: { readonly clock: Pick<Clock, 'after'>; readonly userAgent: string },
): WebCaller {
  return {
    async call(call) {
      const { url, method, body, timeoutMs, bytesMax } = call
      const late = new AbortController()
      const inTime = clock.after(timeoutMs, () => late.abort())
      const headers = { ...call.headers, 'user-agent': userAgent, 'accept-encoding': 'identity' }
      try {
        const init = { method, headers, redirect: 'manual', signal: late.signal } as const
        const response = await services.fetch(url, body === undefined ? init : { ...init, body })
        return await wholeAnswer(response, bytesMax)
      } catch (error) {
        const reason = late.signal.aborted ? `no answer within ${formatDuration(timeoutMs)}` : reasonOf(error)
        throw new Error(`${withoutQuery(url)}: ${reason}`, { cause: error })
      } finally {
        inTime()
      }
    },
  }
}

async function wholeAnswer(response: Response, bytesMax: number): Promise<WebAnswer> {
  const body = new GatheredBytes()
  for await (const piece of response.body ?? []) {
    body.add(piece)
    // Leaving the loop lets the connection go.
    if (body.length > bytesMax) throw new Error(`the answer is longer than ${bytesMax} bytes`)
  }
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: body.bytes(),
  }
}

/** "fetch failed" says less than what it was wrapped around. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

/** What stands in a query may be a secret. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*/, '')
}
