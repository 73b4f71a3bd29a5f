// 50,000 jobs `@every 1m` whose target takes batches: how long after its due instant the last of a round arrives.
// Once with a common anchor, so that all are due in the same instant, once in the phase of their creation.

import { setTimeout as wait } from 'node:timers/promises'
import { Carillon } from './carillon.ts'
import type { Scale } from './scale.ts'
import type { Round, Sink } from './sink.ts'
import { type Line, line, number } from './table.ts'

const MINUTE_MS = 60_000
const WITHIN_MS = 3_000
/** To create the jobs before their first round. */
const LEAD_MS = 20_000

export async function rounds(sink: Sink, scale: Scale): Promise<Line[]> {
  const jobs = scale.quick ? 5_000 : 50_000
  const count = scale.quick ? 1 : 5
  const lines: Line[] = []
  for (const together of [true, false]) {
    await using carillon = await Carillon.start({ args: scale.serverArgs, nodeArgs: scale.nodeArgs })
    await sink.reset()
    const seen = await ring(carillon, sink, { jobs, count, together })
    const { succeeded } = await carillon.stopAndCount()
    const { worstMs, exact } = together ? sameInstant(seen, jobs, count) : ownPhase(seen, jobs, count)
    const recorded = succeeded === jobs * count
    const name = `${number(jobs)} jobs every minute, batches, ${together ? 'all due in one instant' : 'phase of creation'}`
    lines.push(
      line(
        `${name}: slowest of ${count} rounds`,
        `≤ ${WITHIN_MS / 1_000} s`,
        `${(worstMs / 1_000).toFixed(2)} s`,
        worstMs <= WITHIN_MS,
      ),
      line(
        `… each job hit exactly ${count} times, each hit in the ledger`,
        'yes',
        exact && recorded ? 'yes' : `no (${number(succeeded)} recorded)`,
        exact && recorded,
      ),
    )
  }
  return lines
}

type Course = { readonly jobs: number; readonly count: number; readonly together: boolean }

/** Until so many rounds have ended, and not one more: the schedule itself ends. */
async function ring(carillon: Carillon, sink: Sink, { jobs, count, together }: Course): Promise<Round[]> {
  const anchor = Math.ceil((Date.now() + LEAD_MS) / 1_000) * 1_000
  const http = { url: `${sink.url}/rounds`, method: 'POST', body: { hello: 'world' }, batch: {} }
  const phase = together ? { anchor: iso(anchor), from: iso(anchor) } : {}
  await carillon.create(jobs, (n) => ({
    name: `round-${n}`,
    schedule: { every: '1m', maxRuns: count, ...phase },
    target: { http },
  }))
  const created = Date.now()
  if (together && created >= anchor) throw new Error('the jobs were due before all of them were created')
  await sink.expect(jobs * count)
  await carillon.untilSucceeded(jobs * count)
  // What comes too often comes at the latest in the next round, if `maxRuns` did not hold.
  await wait(Math.min(5_000, MINUTE_MS))
  return sink.rounds()
}

function sameInstant(seen: readonly Round[], jobs: number, count: number) {
  const exact = seen.length === count && seen.every((round) => round.runs === jobs && round.jobs === jobs)
  return { worstMs: worst(seen), exact }
}

/** Each job has its own instants; they are too many to be looked at one by one, so the worst stands for all. */
function ownPhase(seen: readonly Round[], jobs: number, count: number) {
  const runs = seen.reduce((sum, round) => sum + round.runs, 0)
  const exact = runs === jobs * count && seen.every((round) => round.runs === round.jobs)
  return { worstMs: worst(seen), exact }
}

function worst(seen: readonly Round[]): number {
  return Math.max(...seen.map(({ dueAt, lastAt }) => lastAt - dueAt))
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
