// One client that follows the logs of a run.

import type { ServerResponse } from 'node:http'
import type { Context } from '../../../commands/context.ts'
import type { LogNewsItem, LogPlaces } from '../../../commands/log/follow-log.ts'
import { beat, drained, endStream, whenGone } from './event-stream.ts'
import { presentLog, presentLogLine } from './present-log.ts'

const RECONNECT_MS = 1_000

export type LogStreamParts = {
  readonly ctx: Context
  readonly news: AsyncIterable<LogNewsItem>
  readonly response: ServerResponse
  readonly stillAllowed: () => Promise<boolean>
  /** Ends what `news` comes from. */
  readonly ended: AbortController
}

/** Resolves when all is told, or the client has gone. */
export async function streamLog(parts: LogStreamParts): Promise<void> {
  const { ctx, news, response, ended } = parts
  const end = (): void => ended.abort()
  whenGone(response, end)
  const stopHeartbeat = beat(parts, end)
  try {
    response.write(`retry: ${RECONNECT_MS}\n\n`)
    for await (const item of news) {
      if (!response.write(eventText(item))) await drained(ctx, response, ended.signal)
      if (ended.signal.aborted) break
    }
  } finally {
    stopHeartbeat()
    ended.abort()
    endStream(ctx, response)
  }
}

function eventText(item: LogNewsItem): string {
  return `id: ${placesText(item.places)}\nevent: ${item.kind}\ndata: ${JSON.stringify(dataOf(item))}\n\n`
}

function dataOf(item: LogNewsItem): object {
  if (item.kind === 'log') return { type: 'log', log: presentLog(item.log) }
  if (item.kind === 'end') return { type: 'end', status: item.run.status, message: item.run.message }
  const { attempt, part } = item.log
  return { type: 'lines', attempt, part, items: item.items.map(presentLogLine) }
}

/** "1.0:500,2.0:17": of each log the next line. */
export function placesText(places: LogPlaces): string {
  return Object.entries(places)
    .map(([key, line]) => `${key}:${line}`)
    .join(',')
}

/** What does not read as places begins anew. */
export function placesOf(text: string | string[] | undefined): LogPlaces {
  if (typeof text !== 'string' || text.length > 4_096) return {}
  const entries = text.split(',').map((part) => /^(\d{1,7}\.\d{1,7}):(\d{1,15})$/.exec(part))
  if (entries.some((entry) => entry === null)) return {}
  return Object.fromEntries(entries.map((entry) => [entry![1]!, Number(entry![2])]))
}
