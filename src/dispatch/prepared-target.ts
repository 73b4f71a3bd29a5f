// What all calls of one target share, worked out once: where to, which headers, which bytes, which answers are good.
// Kept as long as the target is in memory, so that one run costs next to nothing. Jobs that are alike share it.

import { hash } from 'node:crypto'
import { isHeader, reservedHeader } from '../domain/check-headers.ts'
import { parseDuration } from '../domain/duration.ts'
import { resolvePolicy } from '../domain/policy.ts'
import { RecentlyUsed } from '../domain/recently-used.ts'
import { acceptsStatus, HTTP_LIMITS, type HttpTarget, httpMethod, type Target } from '../domain/target.ts'
import { hasPlaces } from '../domain/template.ts'
import type { HttpSpec, HttpWork } from './http-work.ts'
import { type Body, bodyOf } from './request-body.ts'

/** Of a request whose run has no deadline. */
const REQUEST_TIMEOUT_MAX_MS = 15 * 60_000

export type PreparedTarget = {
  readonly target: HttpTarget
  readonly origin: string
  readonly path: string
  /** "host:port", for messages. */
  readonly place: string
  readonly method: string
  /** Names and values in turn: the user agent and what the target says. */
  readonly headers: readonly string[]
  readonly namesContentType: boolean
  readonly body: Body | null
  /** The body names facts of the run: it is made anew for each. */
  readonly filledIn: boolean
  readonly timeoutMs: number
  readonly responseBytesMax: number
  readonly redirectsMax: number
  readonly batch: PreparedBatch | null
  accepts(status: number): boolean
}

export type PreparedBatch = {
  readonly key: string
  readonly maxItems: number
  readonly maxBytes: number
  /** The target's body as an element of a JSON array. */
  readonly bodyJson: string
  readonly items: 'run' | 'body'
  readonly indexHeader: string | null
}

/** Where a url leads. Many jobs share few urls, and reading one costs as much as the rest of a request's preparation. */
type Place = Pick<PreparedTarget, 'origin' | 'path' | 'place'>

const PLACES_KEPT_MAX = 1_000

/** The policy has a say in how long a call may take. */
type Prepared = { readonly policy: HttpSpec['policy']; readonly prepared: PreparedTarget }

export class PreparedTargets {
  /** Headers that all requests share. */
  readonly #usual: readonly string[]
  readonly #places = new RecentlyUsed<string, Place>(PLACES_KEPT_MAX)
  readonly #byTarget = new WeakMap<Target, Prepared>()
  #last: (Prepared & { readonly of: Target }) | null = null

  constructor(userAgent: string) {
    // Nothing is decompressed here, so nothing small can grow large.
    this.#usual = ['User-Agent', userAgent, 'Accept', '*/*', 'Accept-Encoding', 'identity']
  }

  of({ spec, secrets }: Pick<HttpWork, 'spec' | 'secrets'>): PreparedTarget {
    const { target, policy } = spec
    // Runs that are due together are mostly alike.
    if (this.#last?.of === target && this.#last.policy === policy) return this.#last.prepared
    // Of a run that is alone nobody asks again.
    const alone = spec.schedule.at !== undefined && target.http?.batch === undefined
    const known = alone ? undefined : this.#byTarget.get(target)
    const prepared = known?.policy === policy ? known.prepared : this.#prepare(spec)
    if (!alone && known?.prepared !== prepared) this.#byTarget.set(target, { policy, prepared })
    // A secret or a token in it is to be gone with its call.
    if (secrets === undefined && target.http?.auth === undefined)
      this.#last = { of: target, policy, prepared }
    return prepared
  }

  #prepare(spec: HttpSpec): PreparedTarget {
    const target = spec.target.http
    if (target === undefined) throw new Error('the target is no HTTP call')
    return prepare(spec, target, this.#place(target.url), this.#usual)
  }

  #place(text: string): Place {
    const known = this.#places.get(text)
    if (known !== undefined) return known
    const url = callableUrl(text)
    const place = { origin: url.origin, path: url.pathname + url.search, place: placeOf(url) }
    this.#places.set(text, place)
    return place
  }
}

/** As it is stored, which a check had passed once: what is no plain http url is never sent, whatever it is. */
export function callableUrl(text: string): URL {
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error('its url is not http or https')
  if (url.username !== '' || url.password !== '') throw new Error('its url carries a user name or password')
  return url
}

function prepare(spec: HttpSpec, target: HttpTarget, place: Place, usual: readonly string[]): PreparedTarget {
  const own = ownHeaders(target)
  const timeoutMs = totalTimeoutMs(spec, target)
  return {
    target,
    ...place,
    method: httpMethod(target),
    headers: own.length === 0 ? usual : withOwn(usual, own),
    namesContentType: names(own, 'content-type'),
    body: target.body === undefined ? null : bodyOf(target.body),
    filledIn: hasPlaces(target.body),
    timeoutMs,
    responseBytesMax: target.responseBytesMax ?? HTTP_LIMITS.responseBytesDefault,
    redirectsMax: target.redirectsMax ?? 0,
    batch: prepareBatch(target, timeoutMs),
    accepts: target.acceptStatus === undefined ? isSuccess : (status) => acceptsStatus(target, status),
  }
}

/**
 * As the target says, minus what could frame a second request or pose as ours, however it got into the store, and
 * minus a wish for compression, which is never granted.
 */
export function ownHeaders({ headers }: { headers?: Readonly<Record<string, string>> }): readonly string[] {
  if (headers === undefined) return NONE
  return Object.entries(headers).flatMap(([name, value]) =>
    isHeader(name, value) && reservedHeader(name) === null && name.toLowerCase() !== 'accept-encoding'
      ? [name, value]
      : [],
  )
}

const NONE: readonly string[] = []

/** What every request says, as far as the target does not say it itself. */
function withOwn(usual: readonly string[], own: readonly string[]): string[] {
  const headers: string[] = []
  for (let at = 0; at < usual.length; at += 2)
    if (!names(own, usual[at]!.toLowerCase())) headers.push(usual[at]!, usual[at + 1]!)
  return headers.concat(own)
}

function names(headers: readonly string[], lower: string): boolean {
  return headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === lower)
}

/** "host:port" as a person looks for it: the port is said even when it is the usual one. */
export function placeOf(url: URL): string {
  return url.port === '' ? `${url.hostname}:${url.protocol === 'https:' ? 443 : 80}` : url.host
}

/** A request always has a deadline, also where its run may go on for ever after it. */
function totalTimeoutMs({ policy }: HttpSpec, { timeout }: HttpTarget): number {
  const timeoutMs = resolvePolicy(policy).timeoutMs ?? REQUEST_TIMEOUT_MAX_MS
  return timeout === undefined ? timeoutMs : Math.min(parseDuration(timeout) ?? timeoutMs, timeoutMs)
}

function prepareBatch(target: HttpTarget, timeoutMs: number): PreparedBatch | null {
  const { batch } = target
  if (batch === undefined) return null
  const { url, acceptStatus, responseBytesMax, redirectsMax } = target
  const headers = Object.entries(target.headers ?? {}).sort(([one], [other]) => (one < other ? -1 : 1))
  const alike = [
    url,
    httpMethod(target),
    headers,
    acceptStatus,
    timeoutMs,
    batch,
    responseBytesMax,
    redirectsMax,
    target.sign,
    target.auth,
  ]
  return {
    key: hash('sha256', JSON.stringify(alike), 'base64url'),
    maxItems: batch.maxItems ?? HTTP_LIMITS.batchItemsDefault,
    maxBytes: batch.maxBytes ?? HTTP_LIMITS.batchBytesDefault,
    bodyJson: JSON.stringify(target.body ?? null),
    items: batch.items ?? 'run',
    indexHeader: batch.indexHeader ?? null,
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}
