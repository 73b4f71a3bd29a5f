// Pages by limit and offset. Both are asked for by name when they are missing.

import { AppError } from '../../../domain/errors.ts'
import type { CompatAsk } from '../compat-door.ts'

const LIMIT_MAX = 1_000
const OFFSET_MAX = 1_000_000

type Cursor = { readonly limit: number; readonly cursor?: string }
type Page<T> = { readonly items: readonly T[]; readonly nextCursor: string | null }

export type OffsetPage<T> = {
  readonly items: T[]
  readonly total: number
  readonly offset: number
  readonly limit: number
}

export async function pageOf<T>(
  { ctx, query }: CompatAsk,
  read: (page: Cursor) => Promise<Page<T>>,
): Promise<OffsetPage<T>> {
  const limit = numberOf(query, 'limit', LIMIT_MAX)
  const offset = numberOf(query, 'offset', OFFSET_MAX)
  const items: T[] = []
  let total = 0
  let cursor: string | null | undefined
  while (cursor !== null) {
    const page = await read({ limit: ctx.limits.pageMax, ...(cursor === undefined ? {} : { cursor }) })
    for (const item of page.items) {
      if (total >= offset && items.length < limit) items.push(item)
      total += 1
    }
    cursor = page.nextCursor
  }
  return { items, total, offset: Math.min(offset, total), limit }
}

function numberOf(query: URLSearchParams, name: string, max: number): number {
  const text = query.get(name)
  if (text === null) throw new AppError('invalid', `${name} is not provided`)
  if (/^\d{1,7}$/.test(text) && Number(text) <= max) return Number(text)
  throw new AppError('invalid', `${name} is a whole number from 0 to ${max}, not "${text.slice(0, 40)}"`)
}
