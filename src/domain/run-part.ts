// A run that several processes share: one for each agent, or one for each of n shares. Each part is leased, carried out,
// settled and tried again like a run of its own, under the run's count of attempts and fences; the end of the last one is
// the end of the run.

import type { FinalStatus } from './run.ts'
import type { Target } from './target.ts'
import { executionOf } from './target.ts'

export const PART_STATUSES = ['waiting', 'running', 'succeeded', 'failed', 'cancelled', 'unknown'] as const
export type PartStatus = (typeof PART_STATUSES)[number]
export type PartEnd = Extract<PartStatus, FinalStatus>

export type RunPart = {
  /** From 0. */
  readonly index: number
  /** For `all`: the agent it is for. Else who has it, or had it last. */
  readonly agent: string | null
  readonly status: PartStatus
  /** Number of its last attempt; null: none has begun. */
  readonly attempt: number | null
  /** How its last attempt went, in a sentence. */
  readonly message: string | null
  readonly endedAt: number | null
}

/** Who holds a run that is parted: nobody, as its parts are held one by one. */
export const PARTED = 'nod_parts'

/** A part whose agent is not there is given up after so long. */
export const PART_AWAY_MS = 60_000

/** Why a part was given up that waited in vain. */
export function whyGivenUp(
  { agentNo, startBy }: { readonly agentNo: number | null; readonly startBy: number | null },
  now: number,
): string {
  if (agentNo === null) return 'no matching agent took it within its queue timeout'
  if (startBy !== null && startBy < now) return 'its agent did not take it within its queue timeout'
  return 'its agent was not there to take it'
}

/** On how many a run is carried out; `all`: as many as there are. null: on one agent, or by a server. */
export function spreadOf(target: Target): 'all' | number | null {
  const on = executionOf(target)?.on
  if (on?.all === true) return 'all'
  return on?.shard ?? null
}

/** Parts named in the message of a run. */
const NAMED_MAX = 3

export type EndedPart = Pick<RunPart, 'index' | 'agent' | 'message'> & { readonly status: PartEnd }

/** How a run has ended whose parts all have. */
export function joinParts(
  parts: readonly EndedPart[],
  cancelling: boolean,
): { readonly status: PartEnd; readonly message: string } {
  const bad = parts.filter(({ status }) => status !== 'succeeded')
  if (bad.length === 0) return { status: 'succeeded', message: `all ${parts.length} parts done` }
  const named = bad
    .slice(0, NAMED_MAX)
    .map(({ index, agent, status, message }) => `${agent ?? `part ${index}`}: ${message ?? status}`)
  const more = bad.length > NAMED_MAX ? `; and ${bad.length - NAMED_MAX} more` : ''
  const what = cancelling ? 'did not end before it was cancelled' : 'did not succeed'
  const message = `${bad.length} of ${parts.length} parts ${what}: ${named.join('; ')}${more}`
  return { status: cancelling ? 'cancelled' : worst(bad), message }
}

function worst(bad: readonly EndedPart[]): PartEnd {
  return (
    (['unknown', 'failed'] as const).find((end) => bad.some(({ status }) => status === end)) ?? 'cancelled'
  )
}
