// A node: one server process that plans, leases and tells. Its identity is an id made when it registers; the host name
// is a label.

/** How a node ended: it said so, its lease ran out, or another process took the place of the only one. */
export const NODE_ENDS = ['left', 'lapsed', 'replaced'] as const
export type NodeEnd = (typeof NODE_ENDS)[number]

/** What a node says of itself when it renews its lease. */
export type NodeFigures = {
  /** Its wall clock minus the store's: positive, and it is ahead. */
  readonly skewMs: number
  /** It takes no new work: it has heard that it is to drain. */
  readonly draining: boolean
  /** Runs leased and not yet reported. */
  readonly held: number
  /** From the due instant to the first attempt, of the runs it started lately; null: there were none. */
  readonly latenessP50Ms: number | null
  readonly latenessP99Ms: number | null
}

/** The lease of a process that a lock makes the only one on its store: it never runs out. */
export const SOLE_LEASE_MS = 1_000 * 365 * 86_400_000

export type NodeState = {
  readonly id: string
  /** Grows with each registration, over all nodes of a store. */
  readonly epoch: number
  readonly hostname: string
  readonly pid: number
  readonly version: string
  readonly startedAt: number
  readonly leaseUntil: number
  readonly draining: boolean
  readonly gone: { readonly at: number; readonly end: NodeEnd } | null
  /** As of its last renewal; null: it has not renewed yet. */
  readonly figures: NodeFigures | null
}

export type GoneNode = {
  readonly id: string
  readonly hostname: string
  readonly end: NodeEnd
  readonly at: number
}

const ENDED: Record<NodeEnd, string> = {
  left: 'was stopped before the attempt ended',
  lapsed: 'did not renew its lease in time',
  replaced: 'ended without saying so, and another process took its place',
}

/** Why an attempt is lost: a sentence for the ledger. */
export function whyLost(node: GoneNode): string {
  const what = node.id.startsWith('ses_')
    ? `its agent on ${node.hostname}`
    : `its node ${node.id} on ${node.hostname}`
  return `${what} ${ENDED[node.end]}`
}
