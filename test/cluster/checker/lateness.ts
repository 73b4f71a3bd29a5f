// How late each owed instant rang, and what it waited for. By what its ring says of itself, which check-rings holds
// against the book: by time alone the second ring of one run is taken for the first of the next.

import { takeoversOf } from './check-takeover.ts'
import type { Ring } from './history.ts'
import type { Indexed } from './indexed.ts'
import { type Life, stretchAt } from './life.ts'
import { reachOf } from './reach.ts'
import { instant } from './verdict.ts'

/**
 * What an instant may wait for that has nothing to do with how soon new ones are rung: its job, which was accepted after
 * it; another run of its job, which its overlap rule lets go first; a node that was hit with the run in hand.
 */
export type WaitedFor = 'creation' | 'overlap' | 'takeover'

export type Lateness = {
  readonly job: string
  readonly runId: string
  readonly dueAt: number
  /** First arrival − due. */
  readonly lateMs: number
  readonly disturbed: boolean
  /** It fell due when a node had been hit already. */
  readonly afterHit: boolean
  readonly waitedFor: WaitedFor | null
  /** How much of it is left when that was over; all of it where it waited for nothing. */
  readonly ownMs: number
  /** Where the time went: until it was in the ledger, until its attempt that rang had begun, until that arrived. */
  readonly plannedMs: number
  readonly begunMs: number
  readonly arrivedMs: number
  readonly attempt: number
  /** Who rang it. */
  readonly node: string
}

type Wait = { readonly for: WaitedFor; readonly until: number }

export function latenessOf(history: Indexed): Lateness[] {
  const reach = reachOf(history.faults, history.limits)
  const nodeOf = new Map(history.starts.map(({ nodeId, node }) => [nodeId, node]))
  const takenOver = new Map(takeoversOf(history).map(({ held }) => [`${held.runId} ${held.number}`, held]))

  return history.lives.flatMap((life) => {
    if (life.draft.policy?.keep !== undefined) return []
    let openUntil = Number.NEGATIVE_INFINITY
    const runs = history.runsOf(life).toSorted((a, b) => a.dueAt - b.dueAt)
    return runs.flatMap((run): Lateness[] => {
      const before = openUntil
      if ('finishedAt' in run) openUntil = Math.max(openUntil, run.finishedAt)
      const ring = firstOf(history.ringsOfRun(run.id))
      const attempts = history.attemptsOf(run.id)
      const rang = attempts.find(({ number }) => number === ring?.attempt)
      if (run.trigger !== 'schedule' || ring === null || rang === undefined) return []
      const { id: runId, dueAt } = run
      const lost = attempts
        .filter(({ number }) => number < ring.attempt)
        .map(({ number }) => takenOver.get(`${runId} ${number}`))
      const waits: Wait[] = [
        { for: 'creation', until: life.createdAt },
        { for: 'overlap', until: goesInTurn(life, dueAt) ? before : dueAt },
        // Each one before it was in the hand of a node that was hit; otherwise somebody is late.
        { for: 'takeover', until: lost.includes(undefined) ? dueAt : (lost.at(-1)?.endedAt ?? dueAt) },
      ]
      const longest = waits.reduce((a, b) => (b.until > a.until ? b : a))
      return [
        {
          job: life.job,
          runId,
          dueAt,
          lateMs: ring.at - dueAt,
          disturbed: reach.isDisturbed(dueAt),
          afterHit: reach.isAfterHit(dueAt),
          waitedFor: longest.until > dueAt ? longest.for : null,
          ownMs: ring.at - Math.max(dueAt, longest.until),
          plannedMs: run.createdAt - dueAt,
          begunMs: rang.startedAt - run.createdAt,
          arrivedMs: ring.at - rang.startedAt,
          attempt: ring.attempt,
          node: nodeOf.get(rang.nodeId) ?? '?',
        },
      ]
    })
  })
}

/** Whoever was hit: what falls due from then on is to be rung by the others as if nothing had been. */
export function isNewAfterHit({ afterHit, waitedFor }: Lateness): boolean {
  return afterHit && waitedFor === null
}

/** One line: who rang what how late, where the time went, and what it waited for. */
export function describeLateness(one: Lateness): string {
  const { job, runId, dueAt, lateMs, waitedFor, ownMs, plannedMs, begunMs, arrivedMs, attempt, node } = one
  const why = waitedFor === null ? '' : `; waited for ${waitedFor}, ${ownMs} ms after that`
  const parts = `planned ${plannedMs}, begun ${begunMs}, arrived ${arrivedMs}`
  return `${job} ${instant(dueAt)} ${runId}: ${lateMs} ms late by ${node}, attempt ${attempt} (${parts})${why}`
}

function firstOf(rings: readonly Ring[]): Ring | null {
  return rings.reduce<Ring | null>(
    (first, ring) => (first === null || ring.at < first.at ? ring : first),
    null,
  )
}

/** Do runs of this job wait for each other at this moment? */
function goesInTurn(life: Life, dueAt: number): boolean {
  const overlap = (stretchAt(life, dueAt)?.draft ?? life.draft).policy?.overlap
  return (typeof overlap === 'string' ? overlap : overlap?.mode) === 'queue'
}
