// What a caller may read of the logs of a run.

import type { Principal } from '../../domain/api-key.ts'
import type { RunLog } from '../../domain/log/run-log.ts'
import { authorize, notFound } from '../authorize.ts'
import type { Context } from '../context.ts'
import { findRun } from '../get-run.ts'
import { blocksOf, type LogBlocks, LogMoved } from './log-blocks.ts'
import { type LineQuery, type Lines, logText, readLines, type TextQuery } from './log-lines.ts'

/** Which log of a run; by default the latest attempt's, of the part where one is named. */
export type WhichLog = { readonly attempt?: number; readonly part?: number }

export async function listLogs(ctx: Context, who: Principal, runId: string): Promise<RunLog[]> {
  authorize(who, 'log.read')
  await findRun(ctx, who, runId)
  return ctx.store.logs.ofRun(runId)
}

/** `log` is null where nothing was ever written: before the first word, or by a target that is no process. */
export type LogPage = Lines & { readonly log: RunLog | null }

export async function readLog(
  ctx: Context,
  who: Principal,
  runId: string,
  which: WhichLog,
  query: LineQuery,
): Promise<LogPage> {
  const find = async (): Promise<RunLog | null> => choose(await listLogs(ctx, who, runId), which)
  const log = await find()
  if (log === null) return noLog(which, runId)
  const read = async (at: RunLog): Promise<LogPage> => ({
    log: at,
    ...(await readLines(await blocksOf(ctx, at), at.lines, query)),
  })
  return read(log).catch(async (error: unknown) => read(await again(error, find)))
}

/** The bytes as they were written. The size is known where all streams are asked for. */
export type LogText = {
  readonly log: RunLog
  readonly bytes: number | null
  readonly content: AsyncIterable<Uint8Array>
}

export async function readLogText(
  ctx: Context,
  who: Principal,
  runId: string,
  which: WhichLog,
  query: TextQuery,
): Promise<LogText> {
  const find = async (): Promise<RunLog | null> => choose(await listLogs(ctx, who, runId), which)
  const log = await find()
  if (log === null) throw notFound('log', `of ${runId}`)
  const open = async (at: RunLog): Promise<{ at: RunLog; blocks: LogBlocks }> => {
    const blocks = await blocksOf(ctx, at)
    // The first look tells whether it is still there; what is cut off later ends the reply short of its length.
    if (blocks.count > 0) await blocks.place(0)
    return { at, blocks }
  }
  const { at, blocks } = await open(log).catch(async (error: unknown) => open(await again(error, find)))
  const { from = 0, to = at.textBytes, streams } = query
  const bytes = streams === undefined ? Math.max(0, Math.min(to, at.textBytes) - from) : null
  return { log: at, bytes, content: logText(blocks, query) }
}

function choose(logs: readonly RunLog[], { attempt, part }: WhichLog): RunLog | null {
  const own = part === undefined ? logs : logs.filter((log) => log.part === part)
  const wanted = attempt ?? own.at(-1)?.attempt
  return own.find((log) => log.attempt === wanted) ?? null
}

/** A caller who named something that is not there is told so; a log that has not begun is just empty. */
function noLog({ attempt, part }: WhichLog, runId: string): LogPage {
  if (attempt !== undefined || part !== undefined) {
    throw notFound('log', `of ${runId}, attempt ${attempt ?? 'any'}, part ${part ?? 'any'}`)
  }
  return { log: null, items: [], next: 1 }
}

async function again(error: unknown, find: () => Promise<RunLog | null>): Promise<RunLog> {
  const log = error instanceof LogMoved ? await find() : null
  if (log === null) throw error
  return log
}
