// What the sink heard against the book: who rang, under which attempt and fence, and when it had a right to.

import type { Ring } from './history.ts'
import type { Indexed } from './indexed.ts'
import { stretchAt } from './life.ts'
import { type Finding, finding, instant } from './verdict.ts'

export function checkRings(history: Indexed): Finding[] {
  return [
    ...history.rings.flatMap((ring) => [
      ...identity(ring, history),
      ...early(ring),
      ...stale(ring, history),
      ...foreign(ring, history),
    ]),
    ...twice(history.rings),
    ...silent(history),
    ...atMostOnce(history),
    ...overlapping(history),
  ]
}

const where = ({ job, runId, at }: Ring) => ({ job, run: runId, at })

function identity(ring: Ring, history: Indexed): Finding[] {
  const fault = (says: string): Finding[] => [finding('identity', says, where(ring))]
  const run = history.runById.get(ring.runId)
  if (run === undefined) return mayBeForgotten(ring, history) ? [] : fault('rang, and has no entry')
  const attempt = history.attemptsOf(run.id).find(({ number }) => number === ring.attempt)
  if (attempt === undefined) return fault(`rang as attempt ${ring.attempt}, which the book does not have`)
  if (attempt.fence !== ring.fence)
    return fault(`rang under fence ${ring.fence}, attempt ${ring.attempt} has ${attempt.fence}`)
  if (run.dueAt !== ring.dueAt || run.jobName !== ring.job)
    return fault(`rang for ${ring.job} due ${instant(ring.dueAt)}, the book has it for ${run.jobName}`)
  return []
}

/** Kept only for a while, and it had ended before the book was read. */
function mayBeForgotten(ring: Ring, { lives }: Indexed): boolean {
  const keep = lives.find(({ job }) => job === ring.job)?.draft.policy?.keep
  return keep !== undefined && ring.until !== null
}

function early(ring: Ring): Finding[] {
  return ring.at < ring.dueAt ? [finding('early', `rang ${ring.dueAt - ring.at} ms early`, where(ring))] : []
}

function stale(ring: Ring, { limits, attemptsOf }: Indexed): Finding[] {
  const endedAt = attemptsOf(ring.runId).find(({ number }) => number === ring.attempt)?.endedAt
  if (endedAt == null || ring.at <= endedAt + limits.inFlightMs) return []
  return [finding('stale', `rang ${ring.at - endedAt} ms after its attempt had ended`, where(ring))]
}

/** It is said to have gone well, and had not been answered yet. */
function foreign(ring: Ring, { limits, attemptsOf }: Indexed): Finding[] {
  const attempt = attemptsOf(ring.runId).find(({ number }) => number === ring.attempt)
  if (attempt?.outcome !== 'ok' || attempt.endedAt === null || ring.until === null) return []
  const earlyMs = ring.until - attempt.endedAt
  if (earlyMs <= limits.inFlightMs) return []
  return [
    finding('fence', `attempt ${attempt.number} ended ${earlyMs} ms before it was answered`, where(ring)),
  ]
}

function twice(rings: readonly Ring[]): Finding[] {
  const seen = new Set<string>()
  return rings.flatMap((ring) => {
    const key = `${ring.runId} ${ring.attempt} ${ring.fence}`
    if (!seen.has(key)) {
      seen.add(key)
      return []
    }
    return [finding('identity', `attempt ${ring.attempt} rang twice`, where(ring))]
  })
}

/** Answered as accepted by whom? Nobody was asked. */
function silent({ book, ringsOfRun }: Indexed): Finding[] {
  return book.attempts
    .filter(({ outcome }) => outcome === 'ok')
    .filter(({ runId, number }) => !ringsOfRun(runId).some(({ attempt }) => attempt === number))
    .map(({ runId, number, startedAt }) =>
      finding('identity', `attempt ${number} is ok, and never rang`, { run: runId, at: startedAt }),
    )
}

function atMostOnce({ lives, runsOf, ringsOfRun }: Indexed): Finding[] {
  return lives
    .filter(({ draft }) => draft.policy?.delivery === 'at_most_once')
    .flatMap((life) => runsOf(life).map(({ id }) => [life.job, id] as const))
    .flatMap(([job, run]) => {
      const rings = ringsOfRun(run)
      if (rings.length < 2) return []
      return [finding('at-most-once', `rang ${rings.length} times`, { job, run, at: rings[1]!.at })]
    })
}

/** Where one run of a job must end before the next may begin, what the sink saw of them lies apart too. */
function overlapping(history: Indexed): Finding[] {
  return history.lives.flatMap((life) => {
    const modes = new Set(life.stretches.map(({ draft }) => modeOf(draft.policy?.overlap)))
    if (modes.has('allow') || modes.has('replace')) return []
    const rings = history.ringsOf(life.job).toSorted((a, b) => a.at - b.at)
    return rings.flatMap((ring, n) => {
      if (stretchAt(life, ring.dueAt) === null) return []
      const open = rings
        .slice(0, n)
        .find((other) => other.runId !== ring.runId && isUnderWay(other, ring, history))
      if (open === undefined) return []
      return [finding('overlap', `rang while ${open.runId} was under way`, where(ring))]
    })
  })
}

/** A lost attempt may go on for a while at the other end: nobody holds it any more. */
function isUnderWay(other: Ring, ring: Ring, { attemptsOf, runById }: Indexed): boolean {
  if (other.until === null || other.until <= ring.at) return false
  const attempt = attemptsOf(other.runId).find(({ number }) => number === other.attempt)
  if (attempt?.outcome !== 'ok') return false
  const run = runById.get(other.runId)
  return run !== undefined && 'finishedAt' in run && run.finishedAt > ring.at
}

function modeOf(overlap: unknown): string {
  if (typeof overlap === 'string') return overlap
  return (overlap as { mode?: string } | undefined)?.mode ?? 'skip'
}
