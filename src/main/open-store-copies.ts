// The two ends of a move, by their addresses: sqlite:<data directory> and postgres://…, in either direction.

import { join } from 'node:path'
import { isPostgresAddress } from '../adapters/postgres/address.ts'
import { openPostgresCopy } from '../adapters/postgres/copy.ts'
import { openSqliteCopy } from '../adapters/sqlite/copy.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import type { StoreCopy } from '../ports/store-copy.ts'
import { MoveRefused } from './move-store.ts'

export type StoreCopies = AsyncDisposable & { readonly source: StoreCopy; readonly target: StoreCopy }

const SQLITE = /^sqlite:(?:\/\/)?(.+)$/

export async function openStoreCopies(from: string, to: string): Promise<StoreCopies> {
  if (isPostgresAddress(from) === isPostgresAddress(to))
    throw new MoveRefused(
      'One end is sqlite:<data directory>, the other postgres://user:password@host/database.',
    )
  await using parts = new AsyncDisposableStack()
  const source = parts.use(await open(from, 'source'))
  const target = parts.use(await open(to, 'target'))
  const end = parts.move()
  return { source, target, [Symbol.asyncDispose]: () => end.disposeAsync() }
}

async function open(address: string, role: 'source' | 'target'): Promise<StoreCopy> {
  if (isPostgresAddress(address)) return openPostgresCopy(address, systemClock)
  const dir = SQLITE.exec(address)?.[1]
  if (dir === undefined) throw new MoveRefused('Write sqlite:<data directory>, for example sqlite:./data.')
  return openSqliteCopy(join(dir, 'carillon.db'), role)
}
