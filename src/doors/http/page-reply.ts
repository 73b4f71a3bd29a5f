// Lists: limit and cursor in, items and the way to the next page out.

import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from '../../protocol/pages.ts'
import type { Answer } from './endpoint.ts'
import { integer, type Parameter } from './query.ts'

const CURSOR_MAX = 512

const cursor: Parameter<string> = {
  description: 'Where to go on: `nextCursor` of the page before. Opaque.',
  schema: { type: 'string' },
  repeatable: false,
  read: ([value = '']) =>
    value.length <= CURSOR_MAX && /^[A-Za-z0-9_.~=+/:-]+$/.test(value)
      ? { value }
      : { code: 'cursor_invalid', wrong: 'is not a cursor of this server. Start again without it.' },
}

export const PAGE_PARAMETERS = {
  limit: integer('Items of one page.', 1, PAGE_LIMIT_MAX, PAGE_LIMIT_DEFAULT),
  cursor,
} as const

type PageQuery = { readonly limit?: number; readonly cursor?: string }

export function pageRequest({ limit, cursor }: PageQuery): { limit: number; cursor?: string } {
  const size = { limit: limit ?? PAGE_LIMIT_DEFAULT }
  return cursor === undefined ? size : { ...size, cursor }
}

export function pageAnswer<T, W>(
  url: string,
  page: { readonly items: readonly T[]; readonly nextCursor: string | null },
  present: (item: T) => W,
): Answer {
  const body = { items: page.items.map(present), nextCursor: page.nextCursor }
  if (page.nextCursor === null) return { status: 200, body }
  return { status: 200, body, headers: { Link: `<${withCursor(url, page.nextCursor)}>; rel="next"` } }
}

function withCursor(url: string, next: string): string {
  const [path = '', query = ''] = url.split('?')
  const search = new URLSearchParams(query)
  search.set('cursor', next)
  return `${path}?${search}`
}
