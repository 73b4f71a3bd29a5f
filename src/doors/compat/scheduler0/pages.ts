// Pages by limit and offset. Both are asked for by name when they are missing.

import { AppError } from '../../../domain/errors.ts'
import type { CompatAsk } from '../compat-door.ts'

const LIMIT_MAX = 1_000
const OFFSET_MAX = 100_000
/** `total` is counted so far; past it, it says that there is at least one more than was shown. */
export const COUNTED_MAX = 10_000
/** Rows that one page looks at, also where most of them are not this door's. */
const LOOKED_MAX = 200_000
/** Where the store counts. */
const TOTAL_MAX = 1_000_000

type Cursor = { readonly limit: number; readonly cursor?: string }
type Page<T> = { readonly items: readonly T[]; readonly nextCursor: string | null }

export type OffsetPage<T> = {
  readonly items: T[]
  readonly total: number
  readonly offset: number
  readonly limit: number
}

type Source<T> = {
  readonly read: (page: Cursor) => Promise<Page<T>>
  /** Absent: what is there is read to be counted. */
  readonly count?: (max: number) => Promise<number>
}

export async function pageOf<T>(
  { ctx, query }: CompatAsk,
  { read, count }: Source<T>,
): Promise<OffsetPage<T>> {
  const limit = numberOf(query, 'limit', LIMIT_MAX)
  const offset = numberOf(query, 'offset', OFFSET_MAX)
  const known = await count?.(TOTAL_MAX)
  const wanted = known === undefined ? Math.max(offset + limit + 1, COUNTED_MAX) : offset + limit
  const items: T[] = []
  let seen = 0
  let looked = 0
  let cursor: string | null | undefined
  while (cursor !== null && seen < wanted && looked < LOOKED_MAX) {
    // Of what is passed over there may be much: whole pages, however little is lacking.
    const size = known === undefined ? ctx.limits.pageMax : Math.min(ctx.limits.pageMax, wanted - seen)
    const page = { limit: size, ...(cursor === undefined ? {} : { cursor }) }
    const { items: some, nextCursor } = await read(page)
    for (const item of some) {
      if (seen >= offset && items.length < limit) items.push(item)
      seen += 1
    }
    looked += size
    cursor = nextCursor
  }
  const total = known ?? Math.min(seen, wanted)
  return { items, total, offset: Math.min(offset, total), limit }
}

function numberOf(query: URLSearchParams, name: string, max: number): number {
  const text = query.get(name)
  if (text === null) throw new AppError('invalid', `${name} is not provided`)
  if (/^\d{1,7}$/.test(text) && Number(text) <= max) return Number(text)
  throw new AppError('invalid', `${name} is a whole number from 0 to ${max}, not "${text.slice(0, 40)}"`)
}
