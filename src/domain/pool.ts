// A pool: where runs of one project wait that ask for the same labels. Which agents serve it is decided here.

import type { Labels } from './agent.ts'
import type { JobSpec } from './job.ts'
import { spreadOf } from './run-part.ts'
import { executionOf } from './target.ts'

export type Pool = { readonly projectId: string; readonly labels: Labels }

export type Server = { readonly labels: Labels; readonly projectIds: readonly string[] | null }

/** null: servers carry it out themselves. */
export function poolLabels({ target }: Pick<JobSpec, 'target'>): Labels | null {
  const execution = executionOf(target)
  return execution === null ? null : (execution.on?.labels ?? {})
}

/**
 * No label is called so. It keeps runs that several agents share in pools of their own, which a server that does not
 * know of such runs finds no agent for.
 */
const SPREAD_MARK = '$on'

/** As a pool is stored. null: servers carry it out themselves. */
export function poolText(spec: Pick<JobSpec, 'target'>): string | null {
  const labels = poolLabels(spec)
  if (labels === null) return null
  const spread = spreadOf(spec.target)
  if (spread === null) return labelsText(labels)
  return labelsText({ ...labels, [SPREAD_MARK]: spread === 'all' ? 'all' : 'shard' })
}

export function poolOf(projectId: string, text: string): Pool {
  const { [SPREAD_MARK]: _, ...labels } = JSON.parse(text) as Record<string, string>
  return { projectId, labels }
}

/** All labels match, and it may enter the project. */
export function serves(server: Server, pool: Pool): boolean {
  return serving(pool)(server)
}

/** For asking of many, one after the other. */
export function serving({ projectId, labels: wanted }: Pool): (server: Server) => boolean {
  const pairs = Object.entries(wanted)
  return ({ labels, projectIds }) => {
    if (projectIds !== null && !projectIds.includes(projectId)) return false
    for (const [key, value] of pairs) if (labels[key] !== value) return false
    return true
  }
}

/** The same labels give the same text, in whatever order they were written. */
export function labelsText(labels: Labels): string {
  const entries = Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify(Object.fromEntries(entries))
}

/** A run that an agent could not finish is offered to others first, for so long, if one of them is free. */
export const ELSEWHERE_MS = 10_000

export type Offer = {
  readonly readyAt: number
  /** Who had it last, and could not finish it; null: nobody, or it failed by itself. */
  readonly failedBy: string | null
}

/** May this agent have it now? `othersFree`: does another one that serves the pool wait for work? Asked only where it matters. */
export function mayTake(offer: Offer, agentId: string, othersFree: () => boolean, now: number): boolean {
  return offer.failedBy !== agentId || now >= offer.readyAt + ELSEWHERE_MS || !othersFree()
}
