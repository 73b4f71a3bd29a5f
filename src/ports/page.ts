// Lists, page by page.

/**
 * A page may hold fewer than `limit`, even none, while `nextCursor` leads on: a filter that matches little costs a
 * bounded look at each page. null: there is nothing more.
 */
export type Page<T> = { readonly items: readonly T[]; readonly nextCursor: string | null }

export type PageRequest = { readonly limit: number; readonly cursor?: string }
