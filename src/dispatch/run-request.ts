// The request that carries out one attempt.

import { fillIn } from '../domain/template.ts'
import type { WireRequest } from './exchange.ts'
import { type HttpWork, isBound } from './http-work.ts'
import type { PreparedTarget } from './prepared-target.ts'
import { type Body, bodyOf } from './request-body.ts'
import { runHeaders } from './run-headers.ts'
import { type Signed, signatureHeaders } from './webhook-signature.ts'
import { workFacts } from './work-facts.ts'

/** `at`: when it leaves, for the signature. */
export function runRequest(prepared: PreparedTarget, work: HttpWork, at: number): WireRequest {
  const { params } = work.run
  const method = methodFor(prepared, params)
  const body = carriesBody(method, prepared) ? bodyFor(prepared, work) : null
  const typed = body === null || prepared.namesContentType ? [] : ['Content-Type', body.contentType]
  const headers = prepared.headers.concat(typed, runHeaders(work))
  pushSignature(headers, prepared, { id: work.run.id, at, body: body?.bytes ?? NOTHING })
  const { origin, path } = prepared
  return { origin, path, method, headers, body: body?.bytes ?? null, bound: isBound(work) }
}

const NOTHING = new Uint8Array(0)

export function pushSignature(headers: string[], { target: { sign } }: PreparedTarget, signed: Signed): void {
  if (sign !== undefined) headers.push(...signatureHeaders(sign.secrets, signed))
}

/** What a manual trigger sent along stands in for the body, and makes a POST of a target that names no method. */
function methodFor(prepared: PreparedTarget, params: unknown): string {
  return params !== null && prepared.target.method === undefined ? 'POST' : prepared.method
}

function bodyFor(prepared: PreparedTarget, work: HttpWork): Body | null {
  const { params } = work.run
  if (params !== null) return bodyOf(params)
  return prepared.filledIn ? bodyOf(fillIn(prepared.target.body, workFacts(work)) ?? null) : prepared.body
}

/** A GET carries a body only where the target itself has one: what a trigger sends along is not forced on it. */
function carriesBody(method: string, { body }: PreparedTarget): boolean {
  return method === 'GET' ? body !== null : method !== 'HEAD'
}
