// carillon run log: what the processes of a run wrote, or write.

import type { LogInfo } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import type { Session } from '../session.ts'
import { followRun } from './follow-run.ts'
import type { LogOptions } from './log-options.ts'
import { LogPrinter } from './log-printer.ts'

const PAGE_LINES = 5_000

export async function readLog(session: Session, id: string, given: LogOptions): Promise<void> {
  const options = await withPart(session, id, given)
  if (options.raw === true) return writeRaw(session, id, options)
  if (options.follow === true) {
    const run = await followRun(session, id, options)
    if (run.status !== 'succeeded') session.exitCode = EXIT.runFailed
    return
  }
  const logs = await chosen(session, id, options)
  const printer = new LogPrinter(session, { timestamps: options.timestamps === true, named: logs.length > 1 })
  for (const log of logs) {
    await printLog(session, id, log, options, printer)
    printer.state(log)
  }
  if (logs.length === 0) session.say('Nothing has been written.')
}

async function printLog(
  session: Session,
  id: string,
  log: LogInfo,
  { stream, tail }: LogOptions,
  printer: LogPrinter,
): Promise<void> {
  const { attempt, part } = log
  const which = { attempt, part, stream }
  if (tail !== undefined)
    return printer.lines(log, (await session.client.logs.read(id, { ...which, tail })).items)
  for (let from = 1; from <= log.lines; ) {
    const { items, next } = await session.client.logs.read(id, { ...which, from, limit: PAGE_LINES })
    printer.lines(log, items)
    if (next === from) return
    from = next
  }
}

/** An agent stands for its part. */
async function withPart(session: Session, id: string, options: LogOptions): Promise<LogOptions> {
  const { agent, part } = options
  if (agent === undefined) return options
  const { parts } = await session.client.runs.get(id)
  const own = parts.find((one) => one.agent === agent && (part === undefined || one.index === part))
  if (own !== undefined) return { ...options, part: own.index }
  throw new CliError(EXIT.notFound, `The agent ${agent} has no part of run ${id}.`)
}

/** Of the attempt that is named, else of each part the latest. */
async function chosen(session: Session, id: string, { attempt, part }: LogOptions): Promise<LogInfo[]> {
  const logs = await session.client.logs.list(id)
  const latest = new Map(logs.map((log) => [log.part, log.attempt]))
  const found = logs.filter(
    (log) => log.attempt === (attempt ?? latest.get(log.part)) && (part === undefined || log.part === part),
  )
  if (found.length > 0 || (attempt === undefined && part === undefined)) return found
  throw new CliError(
    EXIT.notFound,
    `Run ${id} has no log of attempt ${attempt ?? 'any'}, part ${part ?? 'any'}.`,
  )
}

/** Byte for byte, as it was written. */
async function writeRaw(session: Session, id: string, { attempt, part, stream }: LogOptions): Promise<void> {
  const { stdout } = session.terminal
  const bytes = await session.client.logs.text(id, { attempt, part, stream })
  for await (const chunk of bytes) {
    if (!stdout.write(chunk)) await new Promise((resolve) => stdout.once('drain', resolve))
  }
}
