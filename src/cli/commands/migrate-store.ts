// carillon migrate-store <from> <to>: moves everything from one kind of store to the other.

import { CliError } from '../cli-error.ts'
import { doing, type Fill, finish } from '../command-tree.ts'
import { EXIT } from '../exit-code.ts'
import { type Progress, startProgress } from '../progress.ts'
import type { Session } from '../session.ts'
import { table } from '../show/table.ts'

export const fillMigrateStore: Fill = (command, walk) => {
  finish(
    command
      .argument('<from>', 'sqlite:<data directory> or postgres://user:password@host/database')
      .argument('<to>', 'the other kind, empty'),
    ['--url', '--api-key'],
  ).action(doing(walk, migrateStore))
}

async function migrateStore(session: Session, from: string, to: string): Promise<void> {
  const { openStoreCopies } = await import('../../main/open-store-copies.ts')
  const { moveStore } = await import('../../main/move-store.ts')
  await using copies = await openStoreCopies(from, to).catch(refused)
  const bar: { progress?: Progress } = {}
  const watch = {
    total: async (rows: number) => {
      bar.progress = await startProgress(session, `moving ${copies.source.address}`, Math.max(1, rows))
    },
    moved: (rows: number) => bar.progress?.advance(rows),
  }
  const moved = await moveStore(copies.source, copies.target, watch).catch(refused)
  bar.progress?.end()
  await session.print({ from: copies.source.address, to: copies.target.address, tables: moved }, () =>
    table(
      moved,
      [
        { title: 'TABLE', value: (row) => row.table },
        { title: 'ROWS', value: ({ rows }) => String(rows) },
        { title: 'CHECKSUM', value: ({ checksum }) => checksum, style: 'dim' },
      ],
      session.look,
    ),
  )
  session.note(
    'Moved, read again on both sides, and the same. The source is as it was. Blobs (logs, scripts) are not in a store: ' +
      'give the new servers the same --blobs.',
  )
}

function refused(error: unknown): never {
  throw new CliError(EXIT.failure, (error as Error).message, { cause: error })
}
