// Walks over pages, one request at a time, as the items are asked for.

import type { Page } from '../protocol/pages.ts'

export type PageQuery = {
  /** Items in one page, 1 to 500. */
  readonly limit?: number | undefined
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined
}

const LIMIT_OF_WALK = 200

/** Every item of every page. */
export async function* everyItem<T, Q extends PageQuery>(
  query: Q,
  list: (query: Q & PageQuery) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  let cursor = query.cursor
  do {
    const page = await list({ ...query, limit: query.limit ?? LIMIT_OF_WALK, cursor })
    yield* page.items
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
}
