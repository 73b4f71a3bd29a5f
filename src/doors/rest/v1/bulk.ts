// One action on many jobs: the answer comes line by line while it is carried out, and ends it when it is left.

import type { ServerResponse } from 'node:http'
import { type Bulk, type BulkItem, bulkJobs } from '../../../commands/bulk-jobs.ts'
import { type BulkLine, BulkRequest, BulkLine as Line } from '../../../protocol/bulk.ts'
import { ANSWERED, endpoint } from '../../http/endpoint.ts'
import { invalid } from '../../http/http-problem.ts'
import { refuseNoInstant } from './instant-field.ts'

const TYPE = 'application/x-ndjson'

export const bulkJobsEndpoint = endpoint({
  method: 'POST',
  path: '/v1/jobs/bulk',
  operationId: 'bulkJobs',
  tag: 'Jobs',
  summary: 'Pause, resume, trigger or delete many jobs',
  description:
    'Lines of JSON, as it goes: how many jobs, each with its result, how it ended. Closing the connection stops it. Sent ' +
    'again with the same Idempotency-Key it triggers nothing twice. Triggering needs runs:write besides jobs:read.',
  action: 'job.bulk',
  body: { schema: BulkRequest, batch: true },
  repeatable: true,
  replies: { 200: { description: 'Progress and results.', contentType: TYPE, schema: Line } },
  problems: ['forbidden', 'not_found'],
  handle: async ({ ctx, who, body, once, reply }) => {
    if ((body.jobs === undefined) === (body.filter === undefined)) {
      throw invalid([{ pointer: '', code: 'exactly_one_of', detail: 'Send either "jobs" or "filter".' }])
    }
    refuseNoInstant(body.pause?.until, '/pause/until')
    const bulk = await bulkJobs(ctx, who, body, once)
    reply.hijack()
    const response = reply.raw
    const headers = Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)])
    response.writeHead(200, {
      ...Object.fromEntries(headers),
      'Content-Type': `${TYPE}; charset=utf-8`,
      'X-Accel-Buffering': 'no',
    })
    // Not awaited: the answer has begun. Cut off without its last line, it tells that it did not come to its end.
    void tell(bulk, response).catch(() => response.destroy())
    return ANSWERED
  },
})

async function tell(bulk: Bulk, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const write = async (lines: readonly BulkLine[]): Promise<void> => {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    if (response.write(text) || gone.signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    response.once('drain', resolve)
    gone.signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
  }
  await write([{ total: bulk.total }])
  let [done, failed] = [0, 0]
  for await (const items of bulk.items(gone.signal)) {
    const refused = items.filter(({ error }) => error !== null).length
    failed += refused
    done += items.length - refused
    await write(items.map(lineOf))
  }
  if (!gone.signal.aborted) await write([{ done, failed }])
  response.end()
}

function lineOf({ jobId, name, error, runId }: BulkItem): BulkLine {
  const made = runId === null ? {} : { runId }
  return error === null ? { jobId, name, ok: true, ...made } : { jobId, name, ok: false, ...error }
}
