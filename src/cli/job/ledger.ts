// carillon job ledger: every due instant of a stretch of time, in order: as a run, within a gap, or still to come.

import type { Ledger } from '../../sdk/index.ts'
import { pointInTime } from '../point-in-time.ts'
import type { Session } from '../session.ts'
import { table } from '../show/table.ts'
import { showInstant, showTook } from '../show/times.ts'

type LedgerOptions = {
  readonly project?: string
  readonly from?: string
  readonly to?: string
  readonly limit?: number
}

export async function readLedger(session: Session, ref: string, options: LedgerOptions): Promise<void> {
  const { project, limit } = options
  const now = new Date()
  const from = options.from === undefined ? undefined : pointInTime(options.from, now)
  const to = options.to === undefined ? undefined : pointInTime(options.to, now, true)
  const ledger = await session.client.jobs.ledger(ref, { project, from, to, limit })
  await session.print(ledger, () => showLedger(ledger, session, now.getTime()))
  if (ledger.truncated)
    session.say('There is more in this stretch of time: ask for a shorter one with --from and --to.')
}

type Entry = {
  readonly due: string
  readonly status: string
  readonly count: number
  readonly took: string
  readonly why: string
}

function showLedger({ runs, gaps, upcoming }: Ledger, session: Session, now: number): string {
  const entries: Entry[] = [
    ...runs.map((run) => ({
      due: run.dueAt,
      status: run.status,
      count: 1,
      took: showTook(run.startedAt, run.finishedAt, now),
      why: run.reason ?? run.message ?? '',
    })),
    ...gaps.map(({ from, to, count, status, reason }) => ({
      due: from,
      status,
      count,
      took: '-',
      why: count === 1 ? reason : `${reason}, up to ${showInstant(to)}`,
    })),
    ...upcoming.map((due) => ({ due, status: 'to come', count: 1, took: '-', why: '' })),
  ]
  if (entries.length === 0) return 'Nothing was due.'
  return table(
    entries.sort((a, b) => Date.parse(a.due) - Date.parse(b.due)),
    [
      { title: 'DUE', value: ({ due }) => showInstant(due) },
      { title: 'STATUS', value: ({ status }) => status, style: 'status' },
      { title: 'COUNT', value: ({ count }) => String(count) },
      { title: 'TOOK', value: ({ took }) => took },
      { title: 'WHY', value: ({ why }) => why },
    ],
    session.look,
  )
}
