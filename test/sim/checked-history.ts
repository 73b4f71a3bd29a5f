// A simulation as the checker of histories wants it: the same that judges clusters of real processes. It is told what
// the store committed and when, which no client of a real cluster can know, so nothing is left in doubt.

import type { JobSpec } from '../../src/domain/job.ts'
import type { Call, History as Checked, Draft, Fault, Limits, Ring } from '../cluster/checker/history.ts'
import type { History, KnownJob } from './history.ts'
import type { SimOptions } from './sim-options.ts'

export function checkedHistory(history: History): Checked {
  const { options, arrivals, told, starts, ledgers, attempts, effects, endedAt } = history
  const books = [...ledgers.values()]
  return {
    calls: [...history.jobs.flatMap(callsOf), ...triggers(history)],
    rings: arrivals.filter(({ repeated }) => !repeated).map(ringOf),
    told: told.map(({ wall: at, id, runId, status }) => ({ at, id, runId, status })),
    starts,
    incidents: [],
    faults: together(history.faults, options.nodes),
    limits: limitsOf(options),
    book: {
      readAt: endedAt,
      jobs: books.flatMap(({ job }) => job ?? []),
      runs: books.flatMap(({ runs }) => runs),
      gaps: books.flatMap(({ gaps }) => gaps),
      attempts: [...attempts.values()].flat(),
      effects: effects.map(({ effect }) => effect),
    },
  }
}

function callsOf({ id, createdAt, eras, pauses, deletedAfter }: KnownJob): Call[] {
  const [first, ...edits] = eras
  const job = first!.spec.name
  const call = (asks: Call['asks'], at: number, draft?: Draft, from = at): Call => {
    const base = {
      by: 'the store',
      asks,
      job,
      from,
      to: at,
      answer: 'ok' as const,
      said: { jobId: id, at },
    }
    return draft === undefined ? base : { ...base, draft }
  }
  return [
    call('create', createdAt, draftOf(first!.spec)),
    ...edits.map(({ spec, after, owedAfter }) => call('edit', after, draftOf(spec), owedAfter)),
    ...pauses.flatMap(({ from, to, until }) => {
      const end = Math.min(to ?? Number.POSITIVE_INFINITY, until ?? Number.POSITIVE_INFINITY)
      return [call('pause', from), ...(Number.isFinite(end) ? [call('resume', end)] : [])]
    }),
    ...(deletedAfter === null ? [] : [call('delete', deletedAfter)]),
  ]
}

function draftOf({ schedule, policy, callback }: JobSpec): Draft {
  return { schedule, policy, callback }
}

function triggers({ ops, jobs, ledgers }: History): Call[] {
  const runs = new Set([...ledgers.values()].flatMap((ledger) => ledger.runs.map(({ id }) => id)))
  const names = new Map(jobs.map(({ id, eras }) => [id, eras[0]!.spec.name]))
  return ops.flatMap(({ asks, about, id, outcome, code, client: by, begunAt: from, endedAt: to }) => {
    const job = names.get(about)
    // A paused job refuses rightly; that it was paused then is judged elsewhere.
    if (asks !== 'trigger' || job === undefined || code === 'job_paused') return []
    const answer = outcome === 'ok' ? 'ok' : outcome === 'fail' ? 'refused' : 'unknown'
    const said = outcome === 'ok' && id !== null && runs.has(id) ? { said: { runId: id } } : {}
    return [{ by, asks, job, from, to, answer, ...said }]
  })
}

function ringOf({ wall: at, until, job, runId, attempt, fence, dueAt }: History['arrivals'][number]): Ring {
  return { at, until, job, runId, attempt, fence, dueAt }
}

/** Where nobody is left to take over, a fault of a node is one of all. */
function together(faults: readonly Fault[], nodes: number): Fault[] {
  return faults.flatMap((fault) => {
    if (fault.node === null) return [fault]
    const others = faults.filter(
      ({ node, from, to }) => node !== null && node !== fault.node && from <= fault.to && to >= fault.from,
    )
    const alone = new Set(others.map(({ node }) => node)).size + 1 >= Math.min(nodes, 2)
    return alone && (nodes === 1 || others.length > 0) ? [fault, { ...fault, node: null }] : [fault]
  })
}

const MINUTE = 60_000

function limitsOf({ pollMs, lease, latency }: SimOptions): Limits {
  const far = latency?.[1] ?? 0
  return {
    onTimeMs: 15_000 + pollMs + 10 * far,
    takeoverMs: lease.ttlMs + 2 * pollMs + 15_000,
    recoverMs: 5 * MINUTE,
    // A run can be replaced while its lease is on its way to the node that is to ring.
    inFlightMs: lease.ttlMs + 3_000,
  }
}
