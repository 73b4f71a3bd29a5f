// Logs of runs: the lines of one, and all of it as it was written.

import { Readable } from 'node:stream'
import { listLogs, readLog, readLogText } from '../../../commands/log/read-log.ts'
import { LOG_LIMITS } from '../../../domain/log/run-log.ts'
import * as protocol from '../../../protocol/log.ts'
import { endpoint } from '../../http/endpoint.ts'
import { invalid } from '../../http/http-problem.ts'
import { choices, integer } from '../../http/query.ts'
import { presentLog, presentLogLine } from './present-log.ts'

export const RUN_PARAMS = { run: 'Id of the run.' } as const
const NUMBER_MAX = 999_999_999

/** Without a default: left out means something. */
function count(description: string, min: number): ReturnType<typeof integer> {
  const parameter = integer(description, min, NUMBER_MAX, min)
  const { default: _, ...schema } = parameter.schema
  return { ...parameter, schema }
}

export const WHICH = {
  attempt: count('Of this attempt. Left out: the latest that has a log.', 1),
  part: count('Of this part of the attempt. Left out: the first.', 0),
  stream: choices('Only what was written to these.', protocol.LOG_STREAMS),
} as const

type Which = {
  readonly attempt?: number
  readonly part?: number
  readonly stream?: readonly (typeof protocol.LOG_STREAMS)[number][]
}

export function whichLog({ attempt, part }: Which): { attempt?: number; part?: number } {
  return { ...(attempt === undefined ? {} : { attempt }), ...(part === undefined ? {} : { part }) }
}

/** No stream named, or all of them: then lines and bytes need not be filtered. */
export function streamsOf({ stream }: Which): { streams?: NonNullable<Which['stream']> } {
  const some = stream !== undefined && stream.length < protocol.LOG_STREAMS.length
  return some ? { streams: stream } : {}
}

export const listLogsEndpoint = endpoint({
  method: 'GET',
  path: '/v1/runs/{run}/logs',
  params: RUN_PARAMS,
  operationId: 'listLogs',
  tag: 'Logs',
  summary: 'List the logs of a run',
  description: 'One for each attempt and part that was a process.',
  action: 'log.read',
  replies: { 200: { description: 'All of them.', schema: protocol.LogList } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params }) => ({
    status: 200,
    body: { items: (await listLogs(ctx, who, params.run ?? '')).map(presentLog) },
  }),
})

export const readLogEndpoint = endpoint({
  method: 'GET',
  path: '/v1/runs/{run}/log',
  params: RUN_PARAMS,
  operationId: 'readLog',
  tag: 'Logs',
  summary: 'Read lines of a log',
  description: 'The last lines, or those from a number on.',
  action: 'log.read',
  query: {
    ...WHICH,
    tail: integer('So many of the last lines.', 1, LOG_LIMITS.pageLinesMax, LOG_LIMITS.pageLinesDefault),
    from: count('Lines from this number on, instead of the last ones.', 1),
    limit: integer('With `from`: so many lines.', 1, LOG_LIMITS.pageLinesMax, LOG_LIMITS.pageLinesDefault),
  },
  replies: { 200: { description: 'A page of lines.', schema: protocol.LogPage } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params, query }) => {
    const { from, tail, limit } = query
    if (from !== undefined && tail !== undefined) throw either('tail', 'from')
    if (from === undefined && limit !== undefined) throw either('limit', 'tail')
    const lines = {
      limit: limit ?? tail ?? LOG_LIMITS.pageLinesDefault,
      ...(from === undefined ? {} : { from }),
      ...streamsOf(query),
    }
    const { log, items, next } = await readLog(ctx, who, params.run ?? '', whichLog(query), lines)
    const body = { log: log === null ? null : presentLog(log), items: items.map(presentLogLine), next }
    return { status: 200, body }
  },
})

export const downloadLogEndpoint = endpoint({
  method: 'GET',
  path: '/v1/runs/{run}/log/text',
  params: RUN_PARAMS,
  operationId: 'downloadLog',
  tag: 'Logs',
  summary: 'Download a log as it was written',
  description: 'Byte for byte; of a log that is still open what there is now.',
  action: 'log.read',
  query: {
    ...WHICH,
    from: count('From this byte on, counted from 0, of what is asked for.', 0),
    to: count('Up to this byte, which is not part of it.', 0),
  },
  replies: { 200: { description: 'The bytes.', contentType: 'text/plain' } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params, query }) => {
    const { from, to } = query
    const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
    const found = await readLogText(ctx, who, params.run ?? '', whichLog(query), {
      ...range,
      ...streamsOf(query),
    })
    const { attempt, part } = found.log
    const name = `${params.run}-${attempt}${part === 0 ? '' : `-${part}`}.log`
    return {
      status: 200,
      body: Readable.from(found.content, { objectMode: false }),
      contentType: 'text/plain; charset=utf-8',
      headers: {
        'Content-Disposition': `inline; filename="${name}"`,
        ...(found.bytes === null ? {} : { 'Content-Length': String(found.bytes) }),
      },
    }
  },
})

function either(one: string, other: string): Error {
  const detail = `"${one}" and "${other}" do not go together: read the last lines by "tail", or go on by "from" and "limit".`
  return invalid([{ pointer: `?${one}`, code: 'conflict', detail }])
}
