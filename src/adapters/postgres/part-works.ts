// Parts under way, as whoever holds them sees them: with their run and its definition.

import type { Work } from '../../ports/work.ts'
import type { Reader } from './database.ts'
import type { PartRow } from './part-book.ts'
import { type RunRow, toPartWork, withNames } from './run-rows.ts'
import type { Specs } from './specs.ts'
import { sql } from './sql.ts'

const RUNS = sql<RunRow>(
  withNames(
    `SELECT r.* FROM unnest($1::text[], $2::bigint[]) AS w (id, due_at) JOIN runs r ON r.id = w.id AND r.due_at + 0 = w.due_at`,
  ),
)

/** In the order of the parts. */
export async function partWorks(reader: Reader, specs: Specs, parts: readonly PartRow[]): Promise<Work[]> {
  if (parts.length === 0) return []
  const wanted = new Map(parts.map(({ runId, dueAt }) => [runId, dueAt]))
  const rows = await reader.all(RUNS, [...wanted.keys()], [...wanted.values()])
  const runs = new Map(rows.map((row) => [row.id, row]))
  const specOf = await specs.of(reader, rows)
  return parts.flatMap((part) => {
    const run = runs.get(part.runId)
    // It ended between the two looks.
    return run === undefined || run.nodeNo === null ? [] : [toPartWork(run, part, specOf)]
  })
}
