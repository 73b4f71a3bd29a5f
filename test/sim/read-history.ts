// The ledger as it stands in the end, read from the store itself.

import type { Attempt } from '../../src/domain/attempt.ts'
import type { Effect } from '../../src/domain/effect.ts'
import type { Gap } from '../../src/domain/gap.ts'
import { pausedGap } from '../../src/domain/paused-gap.ts'
import type { Page, Store } from '../../src/ports/store.ts'
import type { Fault } from '../cluster/checker/history.ts'
import type { Client } from './clients.ts'
import type { History, Ledgered } from './history.ts'
import type { Outside } from './outside.ts'
import type { Recorder } from './recorder.ts'
import type { SimOptions } from './sim-options.ts'

type Rest = {
  readonly options: SimOptions
  readonly clients: readonly Client[]
  readonly outside: Outside
  readonly defects: readonly string[]
  readonly faults: readonly Fault[]
  readonly endedAt: number
}

const ALL = 1_000_000
const PAGE = 500

export async function readHistory(store: Store, recorder: Recorder, rest: Rest): Promise<History> {
  const { options, clients, outside, defects, faults, endedAt } = rest
  const ledgers = new Map<string, Ledgered>()
  const attempts = new Map<string, readonly Attempt[]>()
  for (const id of recorder.jobs.keys()) {
    const job = await store.jobs.get(id)
    const { runs, gaps } = await store.runs.ledger(id, 0, Number.MAX_SAFE_INTEGER, ALL)
    const paused: Gap | null = job === null ? null : pausedGap(job, endedAt)
    ledgers.set(id, { job, runs, gaps, paused })
    for (const run of runs) if (run.attempts > 0) attempts.set(run.id, await store.runs.attempts(run.id))
  }
  return {
    options,
    jobs: [...recorder.jobs.values()],
    ops: clients.flatMap(({ ops }) => ops),
    arrivals: outside.arrivals,
    told: outside.told,
    ledgers,
    attempts,
    effects: await effectsOf(store),
    finals: recorder.finals,
    starts: recorder.starts,
    faults,
    defects,
    endedAt,
  }
}

async function effectsOf(store: Store): Promise<History['effects']> {
  const found: History['effects'][number][] = []
  let cursor: string | null = null
  do {
    const page: Page<Effect> = await store.outbox.list(
      {},
      { limit: PAGE, ...(cursor === null ? {} : { cursor }) },
    )
    for (const { id } of page.items) found.push((await store.outbox.get(id))!)
    cursor = page.nextCursor
  } while (cursor !== null)
  return found
}
