// One action on many jobs: the answer comes line by line while it is carried out, and ends when it is left.

import type { ServerResponse } from 'node:http'
import { type Bulk, type BulkItem, bulkJobs } from '../../../commands/bulk-jobs.ts'
import type { Context } from '../../../commands/context.ts'
import type { JobQuery } from '../../../commands/list-jobs.ts'
import { type BulkLine, BulkRequest, BulkLine as Line } from '../../../protocol/bulk.ts'
import { ANSWERED, type Endpoint, endpoint } from '../../http/endpoint.ts'
import { invalid } from '../../http/http-problem.ts'
import { drained, endStream, takeOver, whenGone } from './event-stream.ts'
import { readInstant, refuseNoInstant } from './instant-field.ts'
import { rightToStay } from './right-to-stay.ts'

const TYPE = 'application/x-ndjson'

/** Jobs between two questions whether the key is still good. */
const ASK_EVERY = 100

/** `closing` aborts when the server stops: what is left over is not begun. */
export function bulkJobsEndpoint(closing: AbortSignal): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/v1/jobs/bulk',
    operationId: 'bulkJobs',
    tag: 'Jobs',
    summary: 'Pause, resume, trigger or delete many jobs',
    description:
      'Lines of JSON, as it goes: how many jobs, each with its result, how it ended. Closing the connection stops it, ' +
      'and so does a key that ends meanwhile. Sent again with the same Idempotency-Key it triggers nothing twice. ' +
      'Triggering needs runs:write besides jobs:read.',
    action: 'job.bulk',
    body: { schema: BulkRequest, batch: true },
    repeatable: true,
    replies: { 200: { description: 'Progress and results.', contentType: TYPE, schema: Line } },
    problems: ['forbidden', 'not_found'],
    handle: async (ask) => {
      const { ctx, who, body, once, reply } = ask
      if ((body.jobs === undefined) === (body.filter === undefined)) {
        throw invalid([{ pointer: '', code: 'exactly_one_of', detail: 'Send either "jobs" or "filter".' }])
      }
      refuseNoInstant(body.pause?.until, '/pause/until')
      const { filter: _, ...request } = body
      const bulk = await bulkJobs(ctx, who, { ...request, ...filterOf(body) }, once)
      const stillAllowed = rightToStay(ask)
      const response = takeOver(reply, TYPE)
      // Not awaited: the answer has begun. Cut off without its last line, it tells that it did not come to its end.
      void tell({ ctx, bulk, response, stillAllowed, closing }).catch(() => response.destroy())
      return ANSWERED
    },
  })
}

function filterOf({ filter }: BulkRequest): { filter?: JobQuery } {
  if (filter === undefined) return {}
  const { dueFrom, dueTo, ...rest } = filter
  const from = dueFrom === undefined ? {} : { dueFrom: readInstant(dueFrom, '/filter/dueFrom') }
  const to = dueTo === undefined ? {} : { dueTo: readInstant(dueTo, '/filter/dueTo') }
  if ('dueFrom' in from && 'dueTo' in to && from.dueFrom >= to.dueTo) {
    const detail = 'The stretch is empty: "dueFrom" must lie before "dueTo".'
    throw invalid([{ pointer: '/filter/dueFrom', code: 'range', detail }])
  }
  return { filter: { ...rest, ...from, ...to } }
}

type Telling = {
  readonly ctx: Context
  readonly bulk: Bulk
  readonly response: ServerResponse
  readonly stillAllowed: () => Promise<boolean>
  readonly closing: AbortSignal
}

async function tell({ ctx, bulk, response, stillAllowed, closing }: Telling): Promise<void> {
  const gone = new AbortController()
  whenGone(response, () => gone.abort())
  const ended = AbortSignal.any([gone.signal, closing])
  const write = async (lines: readonly BulkLine[]): Promise<void> => {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    if (!response.write(text)) await drained(ctx, response, ended)
  }
  await write([{ total: bulk.total }])
  let [done, failed, asked] = [0, 0, 0]
  for await (const items of bulk.items(ended)) {
    const refused = items.filter(({ error }) => error !== null).length
    failed += refused
    done += items.length - refused
    await write(items.map(lineOf))
    if (done + failed - asked < ASK_EVERY) continue
    asked = done + failed
    if (!(await stillAllowed())) return endStream(ctx, response)
  }
  if (!ended.aborted) await write([{ done, failed }])
  endStream(ctx, response)
}

function lineOf({ jobId, name, error, runId }: BulkItem): BulkLine {
  const made = runId === null ? {} : { runId }
  return error === null ? { jobId, name, ok: true, ...made } : { jobId, name, ok: false, ...error }
}
