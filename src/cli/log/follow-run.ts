// Follows a run to its end: what its processes write as it comes, on standard error what becomes of it.

import type { RunDetail } from '../../sdk/index.ts'
import type { Session } from '../session.ts'
import { runLine } from '../show/runs.ts'
import type { LogOptions } from './log-options.ts'
import { LogPrinter } from './log-printer.ts'

export async function followRun(session: Session, id: string, options: LogOptions): Promise<RunDetail> {
  const { attempt, part, stream, tail } = options
  let printer: LogPrinter | null = null
  const stop = new AbortController()
  session.terminal.stdout.once('error', () => stop.abort())
  const follow = { attempt, part, stream, tail, signal: stop.signal }
  const open = new Map<string, Parameters<LogPrinter['state']>[0]>()
  for await (const event of session.client.logs.follow(id, follow)) {
    printer ??= await printerFor(session, id, options)
    if (event.type === 'lines') printer.lines(event, event.items)
    else if (event.type === 'log') open.set(`${event.log.attempt}.${event.log.part}`, event.log)
  }
  for (const log of open.values()) printer?.state(log)
  const run = await session.client.runs.get(id)
  session.say(runLine(run, new Date().toISOString(), session.talkPaint))
  return run
}

/** Lines of several parts say which they are of. By the first line the run has begun, and its parts are known. */
async function printerFor(
  session: Session,
  id: string,
  { part, timestamps }: LogOptions,
): Promise<LogPrinter> {
  const named = part === undefined && (await session.client.runs.get(id)).parts.length > 1
  return new LogPrinter(session, { timestamps: timestamps === true, named })
}
