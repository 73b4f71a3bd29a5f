// What a run does: an HTTP call, a command, a script or a message. A target is stored exactly as the caller wrote it, minus what
// was invalid.

import type { CommandTarget, Execution, ScriptTarget } from './command-target.ts'
import { type MessageTarget, messageShare } from './message-target.ts'

/** Accepted statuses: a number, a class ("2xx") or a range ("200-204"). */
export type StatusPattern = number | string

export type HttpTarget = {
  readonly url: string
  /** Default POST when there is a body or a batch, else GET. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Text goes out as it stands; any other JSON value goes out as JSON. */
  readonly body?: unknown
  /** Total deadline of one attempt, from connecting to the last byte read; capped by policy.timeout. */
  readonly timeout?: string
  /** Default ["2xx"]. */
  readonly acceptStatus?: readonly StatusPattern[]
  /** Bytes of the response kept in the ledger; the rest is read and dropped. Default 16 KiB. */
  readonly responseBytesMax?: number
  /** Redirects followed, each checked like the first address. Default 0: a redirect is an answer. */
  readonly redirectsMax?: number
  /** Signs each request, so that its receiver can tell that it is ours. */
  readonly sign?: SignRule
  /** What a request shows to say who calls. */
  readonly auth?: CallAuth
  /** Runs due together for the same endpoint leave as one POST of a JSON array. */
  readonly batch?: BatchRule
  /** An answer of 202 means "begun": the run goes on until the receiver completes it through the run protocol. */
  readonly async?: boolean
}

/** By the Standard Webhooks specification. */
export type SignRule = {
  /** Secrets to sign with, as {{secret.name}}; two while one takes the place of the other. */
  readonly secrets: readonly string[]
}

export const SIGN_SECRETS_MAX = 4

/** A token that is made for each call, signed by this server, with the receiver as its audience (OpenID Connect). */
export type CallAuth = { readonly oidc: { readonly audience: string } }

export const AUDIENCE_MAX = 500

export type BatchRule = {
  readonly maxItems?: number
  readonly maxBytes?: number
  /** What stands in the array for each run: the run with its body (default), or the body alone. */
  readonly items?: 'run' | 'body'
  /** A header that says which of several requests this is, from 0. */
  readonly indexHeader?: string
}

export const TARGET_KINDS = ['http', 'command', 'script', 'message'] as const
export type TargetKind = (typeof TARGET_KINDS)[number]

type TargetOf = {
  readonly http: HttpTarget
  readonly command: CommandTarget
  readonly script: ScriptTarget
  readonly message: MessageTarget
}

/** Exactly one kind; the others are not there. */
export type Target = {
  [Kind in TargetKind]: { readonly [K in Kind]: TargetOf[K] } & {
    readonly [K in Exclude<TargetKind, Kind>]?: never
  }
}[TargetKind]

export function targetKind(target: Target): TargetKind {
  return TARGET_KINDS.find((kind) => target[kind] !== undefined) ?? 'http'
}

/** What an agent is to carry out; null: the server does it itself. */
export function executionOf(target: Target): Execution | null {
  return target.command ?? target.script ?? null
}

export const HTTP_LIMITS = {
  urlMax: 4_096,
  headersMax: 100,
  headerBytesMax: 16_384,
  bodyBytesMax: 1_048_576,
  responseBytesDefault: 16_384,
  responseBytesMax: 1_048_576,
  redirectsMax: 5,
  batchItemsDefault: 1_000,
  batchItemsMax: 10_000,
  batchBytesDefault: 1_048_576,
  batchBytesMax: 16_777_216,
  /** Named in the description of the option `slots`. */
  batchRunsPerSlotMax: 64,
} as const

export const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** The method that goes out when the target names none. */
export function httpMethod(target: HttpTarget): string {
  if (target.method !== undefined) return target.method
  return target.body === undefined && target.batch === undefined ? 'GET' : 'POST'
}

/**
 * The share of a slot that one run takes. Runs of a batch leave together, so many of them share one; so do messages. Always a power of
 * two, so that sums of shares are exact. While any share of a slot is free one more run may be leased.
 */
export function slotShare(target: Target): number {
  if (target.message !== undefined) return messageShare(target.message)
  const batch = target.http?.batch
  if (batch === undefined) return 1
  return batch.maxItems === undefined ? SHARE_DEFAULT : shareOf(batch.maxItems)
}

function shareOf(items: number): number {
  return 2 ** -Math.floor(Math.log2(Math.min(items, HTTP_LIMITS.batchRunsPerSlotMax)))
}

const SHARE_DEFAULT = shareOf(HTTP_LIMITS.batchItemsDefault)

export function acceptsStatus(target: HttpTarget, status: number): boolean {
  const patterns = target.acceptStatus
  if (patterns === undefined) return status >= 200 && status < 300
  return patterns.some((pattern) => matchesStatus(pattern, status))
}

export function matchesStatus(pattern: StatusPattern, status: number): boolean {
  if (typeof pattern === 'number') return pattern === status
  if (/^[1-5]xx$/i.test(pattern)) return Math.floor(status / 100) === Number(pattern[0])
  const [low, high] = pattern.split('-').map(Number)
  return status >= low! && status <= (high ?? low!)
}

export function isStatusPattern(pattern: StatusPattern): boolean {
  if (typeof pattern === 'number') return Number.isInteger(pattern) && pattern >= 100 && pattern <= 599
  if (/^[1-5]xx$/i.test(pattern)) return true
  const match = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(pattern)
  return match !== null && Number(match[2] ?? match[1]) >= Number(match[1])
}
