// The book as the store holds it when all is over: read through the port, past the nodes.

import type { Page, PageRequest, Store } from '../../../src/ports/store.ts'
import type { Book } from '../checker/history.ts'

/** `jobIds`: of jobs that are known to have been, deleted ones too. */
export async function readBook(store: Store, jobIds: readonly string[]): Promise<Book> {
  const jobs = await all((page) => store.jobs.list({}, page))
  const ids = new Set([...jobIds, ...jobs.map(({ id }) => id)])
  const runs: Book['runs'][number][] = []
  const gaps: Book['gaps'][number][] = []
  const attempts: Book['attempts'][number][] = []
  for (const id of ids) {
    const ledger = await store.runs.ledger(id, 0, Number.MAX_SAFE_INTEGER, 1_000_000)
    runs.push(...ledger.runs)
    gaps.push(...ledger.gaps)
    for (const run of ledger.runs) attempts.push(...(await store.runs.attempts(run.id)))
  }
  const effects = await all((page) => store.outbox.list({}, page))
  return { readAt: Date.now(), jobs, runs, gaps, attempts, effects }
}

async function all<T>(read: (page: PageRequest) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  for (;;) {
    const page = await read(cursor === undefined ? { limit: 500 } : { limit: 500, cursor })
    items.push(...page.items)
    if (page.nextCursor === null) return items
    cursor = page.nextCursor
  }
}
