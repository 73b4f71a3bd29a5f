// Moves a whole store into an empty one of another kind, and does not believe it before both have been read again and
// counted the same. What was interrupted goes on where it was.

import { createHash } from 'node:crypto'
import {
  COPIED_TABLES,
  type CopiedRow,
  type CopiedTable,
  type MoveMark,
  type StoreCopy,
} from '../ports/store-copy.ts'

export type MoveWatch = {
  /** Before the first row: how many there are. */
  readonly total: (rows: number) => void | Promise<void>
  readonly moved: (rows: number) => void
}

export type MovedTable = { readonly table: string; readonly rows: number; readonly checksum: string }

const PIECE_ROWS = 1_000

export class MoveRefused extends Error {
  override readonly name = 'MoveRefused'
}

export async function moveStore(
  source: StoreCopy,
  target: StoreCopy,
  watch: MoveWatch,
): Promise<MovedTable[]> {
  await refuseUsed(source)
  const mark = await startOrResume(source, target)
  let total = 0
  for (const table of COPIED_TABLES) total += await source.count(table)
  await watch.total(total)
  const first = COPIED_TABLES.findIndex(({ name }) => name === mark.table)
  for (const [n, table] of COPIED_TABLES.entries()) {
    if (n < first) watch.moved(await source.count(table))
    else await copy(source, target, table, n === first ? mark.after : null, watch)
  }
  const moved: MovedTable[] = []
  for (const table of COPIED_TABLES) moved.push(await compare(source, target, table))
  await refuseUsed(source)
  await target.finish()
  return moved
}

async function refuseUsed(store: StoreCopy): Promise<void> {
  const user = await store.inUse()
  if (user === null) return
  throw new MoveRefused(`${store.address} is in use by ${user}. Stop every server on it first.`)
}

async function startOrResume(source: StoreCopy, target: StoreCopy): Promise<MoveMark> {
  const mark = await target.mark()
  if (mark !== null) {
    if (mark.from === source.address) return mark
    throw new MoveRefused(
      `A move from ${mark.from} into ${target.address} is unfinished. Finish it, or give an empty target.`,
    )
  }
  await refuseUsed(target)
  if (!(await target.isEmpty()))
    throw new MoveRefused(`${target.address} is not empty. Give an empty one; nothing was changed.`)
  const begin: MoveMark = { from: source.address, table: COPIED_TABLES[0]!.name, after: null }
  await target.begin(begin)
  return begin
}

async function copy(
  source: StoreCopy,
  target: StoreCopy,
  table: CopiedTable,
  from: string | null,
  watch: MoveWatch,
): Promise<void> {
  let after = from
  do {
    const { rows, next } = await source.read(table, after, PIECE_ROWS)
    // The last piece is read again when a move goes on; rows that are there already stay as they are.
    await target.write(table, rows, { from: source.address, table: table.name, after: next ?? after })
    watch.moved(rows.length)
    after = next
  } while (after !== null)
}

async function compare(source: StoreCopy, target: StoreCopy, table: CopiedTable): Promise<MovedTable> {
  const [here, there] = [await sumOf(source, table), await sumOf(target, table)]
  if (here.rows === there.rows && here.checksum === there.checksum) return { table: table.name, ...here }
  throw new MoveRefused(
    `The ${table.name} of ${target.address} are not those of ${source.address}: ${there.rows} rows (${there.checksum}), ` +
      `not ${here.rows} (${here.checksum}). The source is unchanged: go on using it, and move into an empty target.`,
  )
}

/** Independent of the order in which a store reads its rows. */
async function sumOf(store: StoreCopy, table: CopiedTable): Promise<Omit<MovedTable, 'table'>> {
  let rows = 0
  let sum = 0n
  let after: string | null = null
  do {
    const piece: Awaited<ReturnType<StoreCopy['read']>> = await store.read(table, after, PIECE_ROWS)
    rows += piece.rows.length
    for (const row of piece.rows) sum = BigInt.asUintN(64, sum + hashOf(row))
    after = piece.next
  } while (after !== null)
  return { rows, checksum: sum.toString(16).padStart(16, '0') }
}

/** The character zero is what PostgreSQL cannot keep; it is replaced on the way. */
function hashOf(row: CopiedRow): bigint {
  const text = JSON.stringify(row).replaceAll('\\u0000', '\uFFFD')
  return createHash('sha256').update(text).digest().readBigUInt64BE()
}
