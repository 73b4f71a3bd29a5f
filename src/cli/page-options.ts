// Lists: one page, the page after it, or all of it.

import type { Command } from 'commander'
import type { Page } from '../sdk/index.ts'
import { wholeNumber } from './numbers.ts'
import type { Session } from './session.ts'

export type PageOptions = { readonly limit?: number; readonly cursor?: string; readonly all?: boolean }

export function addPageOptions(command: Command): Command {
  return command
    .option('-n, --limit <number>', 'at most so many (default 50)', wholeNumber(1, 500))
    .option('--cursor <cursor>', 'the page after another, as that one said')
    .option('--all', 'all pages')
}

type PageQuery = { readonly limit?: number | undefined; readonly cursor?: string | undefined }

/** Asks for what was wished, prints it, and says when there is more. */
export async function printPages<T>(
  session: Session,
  { limit, cursor, all }: PageOptions,
  list: (page: PageQuery) => Promise<Page<T>>,
  human: (items: readonly T[]) => string,
  none: string,
): Promise<void> {
  const page = await list({ limit: limit ?? (all === true ? 500 : undefined), cursor })
  if (all === true) {
    for (let next = page.nextCursor; next !== null; next = page.nextCursor) {
      const more = await list({ limit: limit ?? 500, cursor: next })
      page.items.push(...more.items)
      page.nextCursor = more.nextCursor
    }
  }
  await session.print(page, () => (page.items.length === 0 ? '' : human(page.items)))
  if (page.items.length === 0) session.say(none)
  if (page.nextCursor !== null) session.say(`There is more: --all, or --cursor ${page.nextCursor}`)
}
