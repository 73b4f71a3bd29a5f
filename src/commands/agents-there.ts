// Is an agent there for what a job asks for? It may be made before its agent comes: no mistake, but it is said.

import { isLive } from '../domain/agent.ts'
import type { Warning } from '../domain/check-job.ts'
import type { Job } from '../domain/job.ts'
import { labelsText, type Pool, poolLabels, serves } from '../domain/pool.ts'
import type { Context } from './context.ts'

const PAGE = 100
/** Looked at for one kind of labels; where there are more, one of them will do. */
const AGENTS_MAX = 2_000

export class AgentsThere {
  readonly #ctx: Context
  readonly #known = new Map<string, Promise<boolean>>()

  constructor(ctx: Context) {
    this.#ctx = ctx
  }

  async warnings({ projectId, spec }: Pick<Job, 'projectId' | 'spec'>): Promise<readonly Warning[]> {
    const labels = poolLabels(spec)
    if (labels === null) return []
    const key = `${projectId} ${labelsText(labels)}`
    const known = this.#known.get(key) ?? this.#isThere({ projectId, labels })
    this.#known.set(key, known)
    if (await known) return []
    const wanted = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
    const which = wanted.length === 0 ? 'for this project' : `with the labels ${wanted.join(', ')}`
    const then =
      spec.policy.queueTimeout === undefined
        ? 'Runs wait until one comes.'
        : `Runs wait for ${spec.policy.queueTimeout}, then they are missed: no_agent.`
    return [{ code: 'no_agent', detail: `No agent ${which} is there now. ${then}`.slice(0, 1_000) }]
  }

  async #isThere(pool: Pool): Promise<boolean> {
    const { store, clock } = this.#ctx
    const now = clock.now()
    let cursor: string | undefined
    for (let seen = 0; seen < AGENTS_MAX; seen += PAGE) {
      const page = await store.agents.list({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) })
      if (page.items.some((agent) => isLive(agent.session, now) && serves(agent, pool))) return true
      if (page.nextCursor === null) return false
      cursor = page.nextCursor
    }
    return true
  }
}
