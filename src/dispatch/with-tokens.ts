// A dispatcher that shows a token, made for this very call, where the target asks for one; it is taken out of what comes back.

import { Masker } from '../domain/masker.ts'
import type { Dispatched, Outcome } from '../domain/outcome.ts'
import type { HttpTarget } from '../domain/target.ts'
import type { Dispatcher } from '../ports/dispatcher.ts'
import type { StopSignal } from '../ports/stop.ts'
import { noToken } from '../ports/token-mint.ts'
import type { Work } from '../ports/work.ts'

/** Of works that leave together the first speaks for all. Throws: then nothing is sent. */
export type MintFor = (work: Work, audience: string, together: boolean) => Promise<string>

export function withTokens(inner: Dispatcher, mint: MintFor): Dispatcher {
  async function tokenFor(work: Work, http: HttpTarget, together: boolean): Promise<string | Outcome> {
    try {
      return await mint(work, http.auth?.oidc.audience ?? '', together)
    } catch (error) {
      return { kind: 'error', code: 'token_unmade', message: noToken(error), reached: 'no' }
    }
  }

  async function shown(work: Work, http: HttpTarget, signal: StopSignal): Promise<Dispatched> {
    const token = await tokenFor(work, http, false)
    if (typeof token !== 'string') return token
    return new Masker([token]).outcome(await inner.dispatch(showing(work, token), signal))
  }

  return {
    // What asks for no token, which is most of all, is passed on as it is.
    dispatch(work, signal) {
      const http = asking(work)
      return http === null ? inner.dispatch(work, signal) : shown(work, http, signal)
    },
    async dispatchBatch(batch, signal) {
      const [first] = batch
      const http = first === undefined ? null : asking(first)
      if (first === undefined || http === null) return inner.dispatchBatch(batch, signal)
      const token = await tokenFor(first, http, true)
      if (typeof token !== 'string') return batch.map(() => token)
      const answers = await inner.dispatchBatch(
        batch.map((work) => showing(work, token)),
        signal,
      )
      const masker = new Masker([token])
      return answers.map((answer) => masker.outcome(answer))
    },
    // A token speaks for one project, and for one receiver.
    batchKey(work) {
      const key = inner.batchKey(work)
      const http = asking(work)
      if (key === null || http === null) return key
      return `${key} ${work.run.projectId} ${http.auth?.oidc.audience}`
    },
  }
}

function asking({ spec }: Work): HttpTarget | null {
  const { http } = spec.target
  return http?.auth === undefined ? null : http
}

function showing(work: Work, token: string): Work {
  const { http } = work.spec.target
  if (http === undefined) return work
  const headers = { ...http.headers, Authorization: `Bearer ${token}` }
  return { ...work, spec: { ...work.spec, target: { http: { ...http, headers } } } }
}
