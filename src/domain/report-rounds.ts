// Rounds of a task that foreign agents carry out by their own clocks and then tell of. The first reports of all agents are the
// first round, the second ones the second. Each agent's reports are counted by themselves, so that a fast one does
// not fill the round of a slow one, and no order among agents matters.

export type AgentReport = {
  readonly stdout: string
  readonly stderr: string
  readonly at: number
}

export type AgentReports = {
  readonly agentId: string
  /** So many in all. */
  readonly count: number
  /** The last ones, oldest first; the very last has the number `count`. */
  readonly latest: readonly AgentReport[]
}

export type Round = {
  readonly number: number
  readonly completedAt: number
  readonly outputs: readonly (AgentReport & { readonly agentId: string })[]
}

export const ROUND_LIMITS = {
  /** Agents one task is told of by. */
  agentsMax: 1_000,
  /** Reports of one agent that are kept: so far one may be ahead of another. */
  keptMax: 4,
  /** Characters of one output; of more the end is kept. */
  outputMax: 32_768,
} as const

export function withReport(
  known: AgentReports | null,
  agentId: string,
  { stdout, stderr, at }: AgentReport,
): AgentReports {
  const { keptMax, outputMax } = ROUND_LIMITS
  const report = { stdout: stdout.slice(-outputMax), stderr: stderr.slice(-outputMax), at }
  const latest = [...(known?.latest ?? []), report].slice(-keptMax)
  return { agentId, count: (known?.count ?? 0) + 1, latest }
}

/** The last one to which every agent has told something. null: there is none yet. */
export function latestRound(reports: readonly AgentReports[], agents: number): Round | null {
  const lastAt = ({ latest }: AgentReports): number => latest.at(-1)?.at ?? 0
  // One that was started anew has another id, and is heard of later than what it was before.
  const heard = reports.toSorted((one, other) => lastAt(other) - lastAt(one)).slice(0, agents)
  if (heard.length < agents || agents === 0) return null
  const number = Math.min(...heard.map(({ count }) => count))
  const outputs = heard.map((one) => ({ agentId: one.agentId, ...reportOf(one, number) }))
  return { number, completedAt: Math.max(...outputs.map(({ at }) => at)), outputs }
}

/** What an agent told for this round, or the first that is still kept. */
export function reportOf({ count, latest }: AgentReports, number: number): AgentReport {
  return latest.at(number - count - 1) ?? latest[0]!
}

/** Without what it put out: enough to find the round. */
export function bareReports({ agentId, count, latest }: AgentReports): AgentReports {
  return { agentId, count, latest: latest.map(({ at }) => ({ stdout: '', stderr: '', at })) }
}
