// The run protocol of receivers: with the token of the call they tell of the run and end it. The token is the only right
// that is asked for; keys count nothing here.

import { appendRunLog, endRun, sealRunLog, type Ticket, tellOfRun } from '../../../commands/run-protocol.ts'
import { parseDuration } from '../../../domain/duration.ts'
import { RECEIVER_LIMITS } from '../../../domain/handed-over.ts'
import { FRAME_HEAD_BYTES } from '../../../domain/log/log-frame.ts'
import { LOG_LIMITS } from '../../../domain/log/run-log.ts'
import type { Outcome } from '../../../domain/outcome.ts'
import * as protocol from '../../../protocol/run-protocol.ts'
import * as work from '../../../protocol/work.ts'
import { type Ask, type Endpoint, endpoint } from '../../http/endpoint.ts'
import { HttpProblem, invalid } from '../../http/http-problem.ts'
import { presentedKey } from '../../http/presented-key.ts'
import { choices } from '../../http/query.ts'
import { isoOrNull } from './present.ts'

const PARAMS = { run: 'Id of the run, from the header Carillon-Run-Id.' } as const
const TOKEN =
  'Shown as "Authorization: Bearer <token>": the token of the attempt, from the header Carillon-Run-Token of the call.'

const beatEndpoint = endpoint({
  method: 'POST',
  path: '/v1/runs/{run}/beat',
  params: PARAMS,
  operationId: 'beatRun',
  tag: 'Run protocol',
  summary: 'Say that a run goes on',
  description: `How far it is, and how much longer it may take. ${TOKEN}`,
  action: 'run.report',
  body: { schema: protocol.RunBeat, optional: true },
  replies: { 200: { description: 'Heard.', schema: protocol.RunHeard } },
  problems: ['unauthenticated', 'not_found', 'fence_stale'],
  handle: async ({ ctx, body, ...ask }) => {
    const { extend, ...news } = body
    const more = extend === undefined ? {} : { extendMs: extendMs(extend) }
    const { cancel, endsAt } = await tellOfRun(ctx, ticketOf(ask), { ...news, ...more })
    return { status: 200, body: { cancel, endsAt: isoOrNull(endsAt) } }
  },
})

const completeEndpoint = endpoint({
  method: 'POST',
  path: '/v1/runs/{run}/complete',
  params: PARAMS,
  operationId: 'completeRun',
  tag: 'Run protocol',
  summary: 'Say that a run is done',
  description: `May be repeated: what has counted once does not count again. ${TOKEN}`,
  action: 'run.report',
  body: { schema: protocol.RunCompletion, optional: true },
  replies: { 200: { description: 'Taken.', schema: protocol.RunEnded } },
  problems: ['unauthenticated', 'not_found'],
  handle: async ({ ctx, body, ...ask }) => {
    const counted = await endRun(ctx, ticketOf(ask), completed(body))
    return { status: 200, body: { counted } }
  },
})

const failEndpoint = endpoint({
  method: 'POST',
  path: '/v1/runs/{run}/fail',
  params: PARAMS,
  operationId: 'failRun',
  tag: 'Run protocol',
  summary: 'Say that a run has failed',
  description: `It is tried again as its policy says, unless \`retryable\` is false. ${TOKEN}`,
  action: 'run.report',
  body: { schema: protocol.RunFailure },
  replies: { 200: { description: 'Taken.', schema: protocol.RunEnded } },
  problems: ['unauthenticated', 'not_found'],
  handle: async ({ ctx, body, ...ask }) => {
    const counted = await endRun(ctx, ticketOf(ask), failed(body))
    return { status: 200, body: { counted } }
  },
})

const appendLogEndpoint = endpoint({
  method: 'POST',
  path: '/v1/runs/{run}/log/chunks/{sequence}',
  params: { ...PARAMS, sequence: 'Number of the chunk, from 0.' },
  operationId: 'appendRunLog',
  tag: 'Run protocol',
  summary: 'Send a piece of the log of a run',
  description: `The bytes as they were written. Pieces come in order; one that comes again is taken once. ${TOKEN}`,
  action: 'run.report',
  query: { stream: choices('What they were written to. Default stdout.', ['stdout', 'stderr'] as const) },
  body: {
    schema: work.LogFrames,
    binary: { bytesMax: LOG_LIMITS.chunkBytesMax - FRAME_HEAD_BYTES },
  },
  replies: { 200: { description: 'It is durable.', schema: work.LogReceipt } },
  problems: ['unauthenticated', 'not_found', 'fence_stale', 'log_gap', 'log_sealed'],
  handle: async ({ ctx, body, query, ...ask }) => {
    const sequence = ask.params['sequence'] ?? ''
    if (!/^\d{1,9}$/.test(sequence)) throw new HttpProblem('not_found', 'This is no number of a chunk.')
    const chunk = { stream: query.stream?.[0] ?? 'stdout', sequence: Number(sequence), bytes: body } as const
    return { status: 200, body: await appendRunLog(ctx, ticketOf(ask), chunk) }
  },
})

const sealLogEndpoint = endpoint({
  method: 'POST',
  path: '/v1/runs/{run}/log/seal',
  params: PARAMS,
  operationId: 'sealRunLog',
  tag: 'Run protocol',
  summary: 'Say that the log of a run is complete',
  description: TOKEN,
  action: 'run.report',
  body: { schema: work.LogSeal },
  replies: { 204: { description: 'It is sealed.' } },
  problems: ['unauthenticated', 'not_found', 'fence_stale', 'log_gap', 'log_sealed'],
  handle: async ({ ctx, body, ...ask }) => {
    await sealRunLog(ctx, ticketOf(ask), body.chunks)
    return { status: 204 }
  },
})

export const RUN_PROTOCOL_ENDPOINTS: readonly Endpoint[] = [
  beatEndpoint,
  completeEndpoint,
  failEndpoint,
  appendLogEndpoint,
  sealLogEndpoint,
]

function ticketOf({ params, request }: Pick<Ask<unknown, unknown>, 'params' | 'request'>): Ticket {
  return { runId: params['run'] ?? '', token: presentedKey(request.raw.rawHeaders) }
}

function extendMs(text: string): number {
  const ms = parseDuration(text)
  if (ms !== null && ms >= 0 && ms <= RECEIVER_LIMITS.extendMaxMs) return ms
  throw invalid([
    { pointer: '/extend', code: 'duration', detail: 'This is a duration of up to 24h, such as "10m".' },
  ])
}

function completed({ output }: protocol.RunCompletion): Outcome {
  if (output === undefined) return { kind: 'ok' }
  const bodyBytes = Buffer.byteLength(output)
  return { kind: 'ok', response: { status: 200, headers: {}, body: output, bodyBytes, truncated: false } }
}

function failed({ message, code = 'failed', retryable, cancelled }: protocol.RunFailure): Outcome {
  if (cancelled === true) return { kind: 'cancelled', message }
  const more = retryable === undefined ? {} : { retryable }
  return { kind: 'error', code, message, reached: 'yes', ...more }
}
