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
  return read(log).catch(async (error: unknown) => read(await moved(error, log, find)))
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
  const open = async (at: RunLog): Promise<Opened> => {
    const blocks = await blocksOf(ctx, at)
    // The first look tells whether it is still there; what is forgotten later ends the reply short of its length.
    if (blocks.count > 0) await blocks.place(0)
    return { log: at, blocks }
  }
  const reopen = async (error: unknown, at: RunLog): Promise<Opened> => open(await moved(error, at, find))
  const opened = await open(log).catch((error: unknown) => reopen(error, log))
  const { from = 0, to = Number.POSITIVE_INFINITY, streams } = query
  // Of all streams no more than is there now, whatever comes while it is read.
  const end = streams === undefined ? Math.min(to, opened.log.textBytes) : to
  const bytes = streams === undefined ? Math.max(0, end - from) : null
  return { log: opened.log, bytes, content: steadyText(opened, { ...query, to: end }, reopen) }
}

type Opened = { readonly log: RunLog; readonly blocks: LogBlocks }

/** Its chunks may be sealed into one blob while they are read: the same text, which goes on from where it was. */
async function* steadyText(
  opened: Opened,
  query: TextQuery,
  reopen: (error: unknown, at: RunLog) => Promise<Opened>,
): AsyncGenerator<Uint8Array> {
  let { log, blocks } = opened
  let from = query.from ?? 0
  for (;;) {
    try {
      for await (const part of logText(blocks, { ...query, from })) {
        from += part.length
        yield part
      }
      return
    } catch (error) {
      ;({ log, blocks } = await reopen(error, log))
    }
  }
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

/** Where it is now. An error where it is not: its blobs are lost, or it is forgotten. */
async function moved(error: unknown, from: RunLog, find: () => Promise<RunLog | null>): Promise<RunLog> {
  if (!(error instanceof LogMoved)) throw error
  const log = await find()
  if (log === null) throw notFound('log', `of ${from.runId}`)
  if (from.seal !== null || log.seal === null) throw error
  return log
}
