// Several runs as one POST of a JSON array. The answer's status decides for all of them; every run keeps its
// own ledger entry, with a short piece of the answer each.

import { hash } from 'node:crypto'
import type { Outcome } from '../domain/outcome.ts'
import { fillIn } from '../domain/template.ts'
import type { WireRequest } from './exchange.ts'
import { type HttpWork, isBound } from './http-work.ts'
import type { PreparedTarget, PreparedTargets } from './prepared-target.ts'
import { jsonBody } from './request-body.ts'
import { dueAtText, traceParent } from './run-headers.ts'
import { pushSignature } from './run-request.ts'
import { workFacts } from './work-facts.ts'

/** Characters of the answer kept with each run of a batch. */
export const BATCH_RESPONSE_CHARS_MAX = 1_024

export type BatchItem = { readonly work: HttpWork; readonly json: string }

/** Works with the same key may leave together. null: on its own. */
export function batchKeyOf(work: HttpWork, targets: PreparedTargets): string | null {
  if (work.spec.target.http?.batch === undefined) return null
  try {
    const { batch } = targets.of(work)
    return batch === null ? null : keyWithin(work.run.projectId, batch.key)
  } catch {
    return null
  }
}

// Runs that are due together ask for the same key one after the other, and a text that is found again has its hash already.
let lastProject = ''
let lastKey = ''
let lastText = ''

/** A project never sees an answer that belongs to another. */
function keyWithin(projectId: string, key: string): string {
  if (key !== lastKey || projectId !== lastProject) {
    lastProject = projectId
    lastKey = key
    lastText = `${projectId} ${key}`
  }
  return lastText
}

export function batchItem(work: HttpWork, prepared: PreparedTarget): BatchItem {
  const { run, attempt } = work
  const body = itemBody(work, prepared)
  if (prepared.batch?.items === 'body') return { work, json: body }
  const json =
    `{"runId":${JSON.stringify(run.id)},"jobId":${JSON.stringify(run.jobId)},` +
    `"jobName":${JSON.stringify(run.jobName)},"attempt":${attempt.number},"fence":${run.fence},` +
    `"dueAt":"${dueAtText(run.dueAt)}","trigger":"${run.trigger}","late":${run.late},"body":${body}}`
  return { work, json }
}

function itemBody(work: HttpWork, { target, filledIn, batch }: PreparedTarget): string {
  const { params } = work.run
  if (params !== null) return JSON.stringify(params)
  if (filledIn) return JSON.stringify(fillIn(target.body, workFacts(work)) ?? null)
  return batch?.bodyJson ?? 'null'
}

/** In order, each within both limits; one that is too large by itself travels alone. */
export function batchChunks(items: readonly BatchItem[], maxItems: number, maxBytes: number): BatchItem[][] {
  const chunks: BatchItem[][] = []
  let chunk: BatchItem[] = []
  let bytes = 2
  for (const item of items) {
    const size = Buffer.byteLength(item.json) + 1
    if (chunk.length > 0 && (chunk.length === maxItems || bytes + size - 1 > maxBytes)) {
      chunks.push(chunk)
      chunk = []
      bytes = 2
    }
    chunk.push(item)
    bytes += size
  }
  if (chunk.length > 0) chunks.push(chunk)
  return chunks
}

export function batchRequest(
  prepared: PreparedTarget,
  chunk: readonly BatchItem[],
  { batchId, index, at }: { readonly batchId: string; readonly index: number; readonly at: number },
): WireRequest {
  const body = jsonBody(`[${chunk.map(({ json }) => json).join(',')}]`)
  const key = hash(
    'sha256',
    chunk.map(({ work }) => `${work.run.id}/${work.attempt.number}`).join(' '),
    'hex',
  )
  const headers = prepared.headers.slice()
  if (!prepared.namesContentType) headers.push('Content-Type', body.contentType)
  headers.push(
    'Idempotency-Key',
    key,
    'Carillon-Batch-Id',
    batchId,
    'Carillon-Batch-Size',
    String(chunk.length),
    'traceparent',
    traceParent(key, 1),
  )
  pushSignature(headers, prepared, { id: key, at, body: body.bytes })
  const indexHeader = prepared.batch?.indexHeader ?? null
  if (indexHeader !== null) headers.push(indexHeader, String(index))
  return {
    origin: prepared.origin,
    path: prepared.path,
    method: prepared.method,
    headers,
    body: body.bytes,
    bound: chunk.some(({ work }) => isBound(work)),
  }
}

/** The outcome as each run of the batch keeps it: a thousand copies of a long answer would drown the ledger. */
export function sharedOutcome(outcome: Outcome): Outcome {
  if (!('response' in outcome) || outcome.response === undefined) return outcome
  const { response } = outcome
  const cut = response.body.length > BATCH_RESPONSE_CHARS_MAX
  const body = cut ? response.body.slice(0, BATCH_RESPONSE_CHARS_MAX).toWellFormed() : response.body
  return { ...outcome, response: { ...response, headers: {}, body, truncated: response.truncated || cut } }
}
