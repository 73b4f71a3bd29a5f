// Lists: a page of items and the way to the next one.

import Type, { type TSchema } from 'typebox'
import { Nullable } from './scalars.ts'

export const PAGE_LIMIT_DEFAULT = 50
export const PAGE_LIMIT_MAX = 500

export type Page<T> = { items: T[]; nextCursor: string | null }

export const pageOf = <S extends TSchema>(item: S) =>
  Type.Object(
    {
      items: Type.Array(item),
      nextCursor: Nullable(
        Type.String({
          description: 'Send it back as `cursor` for the next page. Opaque. null: this was the last page.',
        }),
      ),
    },
    { additionalProperties: false },
  )
