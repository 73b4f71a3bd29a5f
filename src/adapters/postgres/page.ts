// One page out of an ordered stretch of rows, read in pieces through an index. The work of a page is bounded: a filter
// that matches little gives a short page and the place to go on, never a long wait.

const ROWS_READ_MAX = 10_000
const PIECE_MAX = 1_000

export type Found<Row> = { readonly rows: readonly Row[]; readonly next: Row | null }

/** `read` gives up to `count` rows that come after `after`, in order; fewer only at the end. */
export async function readPage<Row>(
  read: (after: Row | null, count: number) => Promise<readonly Row[]>,
  matches: (row: Row) => boolean,
  limit: number,
): Promise<Found<Row>> {
  const found: Row[] = []
  let last: Row | null = null
  let count = Math.min(limit + 1, PIECE_MAX)
  for (let seen = 0; seen < ROWS_READ_MAX; ) {
    const piece = await read(last, count)
    for (const row of piece) {
      if (matches(row)) found.push(row)
      if (found.length > limit) return { rows: found.slice(0, limit), next: found[limit - 1]! }
    }
    if (piece.length < count) return { rows: found, next: null }
    last = piece.at(-1)!
    seen += piece.length
    count = PIECE_MAX
  }
  return { rows: found, next: last }
}
