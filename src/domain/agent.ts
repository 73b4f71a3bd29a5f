// An agent: a process elsewhere that dials in, leases commands and scripts, carries them out and reports. What it holds
// hangs on its session: one lease for all of it, as a node has one.

export type Labels = Readonly<Record<string, string>>

export type Agent = {
  readonly id: string
  /** Unique; also its label `agent`. */
  readonly name: string
  /** Its credential. That of an agent inside a server is its own id: no key has it. */
  readonly keyId: string
  /** Given with its join token; they win over those it declares itself. */
  readonly granted: Labels
  /** What jobs choose it by: declared and granted ones, and its name. */
  readonly labels: Labels
  /** Projects whose runs it may carry out; null: all. */
  readonly projectIds: readonly string[] | null
  /** Attempts it carries out at the same time. */
  readonly slots: number
  readonly version: string
  readonly hostname: string
  /** It ends what it holds and takes nothing new. */
  readonly draining: boolean
  readonly createdAt: number
  readonly session: AgentSession | null
}

/** Its newest session. A lease that has run out, or an end, takes what it held from it. */
export type AgentSession = {
  readonly id: string
  readonly openedAt: number
  readonly seenAt: number
  readonly leaseUntil: number
  readonly endedAt: number | null
}

/** Lets one agent in, once. Only its hash is stored. */
export type JoinToken = {
  readonly id: string
  readonly hint: string
  readonly hash: string
  readonly labels: Labels
  readonly projectIds: readonly string[] | null
  readonly createdAt: number
  readonly createdBy: string
  readonly expiresAt: number
  readonly usedAt: number | null
  /** The agent that came in by it. */
  readonly usedBy: string | null
}

export const AGENT_LIMITS = {
  nameMax: 100,
  labelsMax: 50,
  slotsMax: 1_024,
  tokenTtlDefaultMs: 3_600_000,
  tokenTtlMaxMs: 7 * 86_400_000,
  /** One long poll waits at most so long. */
  waitMaxMs: 20_000,
  /** Long polls of one session at the same time. */
  pollsMax: 16,
  /** Reports in one request. */
  batchMax: 1_024,
  /** Attempts one agent has at the same time: those under way, and those that have ended and are not told yet. */
  heldMax: 4_096,
  progressTextMax: 500,
} as const

export function isLive(session: AgentSession | null, now: number): boolean {
  return session !== null && session.endedAt === null && session.leaseUntil >= now
}

/** What a job may choose an agent by. */
export function labelsOf(agent: { name: string; granted: Labels }, declared: Labels): Labels {
  return { ...declared, ...agent.granted, agent: agent.name }
}
