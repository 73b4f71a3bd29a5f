// The run protocol of receivers: whoever was called with "async" tells of the run and ends it, with the token of the attempt.
// All of it ends where every attempt ends. What they repeat of the secrets they were sent is masked.

import { AppError } from '../domain/errors.ts'
import { lookAt, timeUp } from '../domain/handed-over.ts'
import type { JobSpec } from '../domain/job.ts'
import { frameHead, type LogStream } from '../domain/log/log-frame.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { ActiveRun, Run } from '../domain/run.ts'
import type { Work } from '../ports/store.ts'
import { notFound } from './authorize.ts'
import type { Context } from './context.ts'
import { appendLog, type LogReceipt } from './log/append-log.ts'
import { sealLog } from './log/seal-log.ts'
import { reportCompletions } from './report-completion.ts'
import { maskerFor } from './secret/mask-told.ts'

export type News = {
  readonly progress?: number
  readonly message?: string
  /** From now on it may take so much longer. */
  readonly extendMs?: number
}

export type Ticket = { readonly runId: string; readonly token: string | null }

export type Heard = {
  /** Somebody has asked for its end: stop, and say `cancelled`. */
  readonly cancel: boolean
  /** When its time is up; null: never. */
  readonly endsAt: number | null
}

/** Something was heard: it goes on. Throws `fence_stale` when the attempt is over. */
export async function tellOfRun(ctx: Context, ticket: Ticket, news: News): Promise<Heard> {
  const fence = checkTicket(ctx, ticket)
  const [active] = await ctx.store.handed.active([ticket.runId])
  if (active?.work.run.fence !== fence) throw await refusal(ctx, ticket)
  const { work, acceptedAt } = active
  mustHaveToken(work.spec)
  const now = ctx.clock.now()
  const { extendMs, ...said } = news
  const masker =
    said.message === undefined ? null : await maskerFor(ctx, work.run.projectId, work.spec, ticket.token)
  const told = masker === null ? said : { ...said, message: masker.text(said.message ?? '') }
  const endsBy = extendMs === undefined ? active.endsBy : Math.max(active.endsBy ?? 0, now + extendMs)
  const handed = { spec: work.spec, startedAt: work.attempt.startedAt, acceptedAt: acceptedAt ?? now, endsBy }
  const tidings = endsBy === null ? told : { ...told, endsBy }
  const handing = { run: work.run, accepted: true, lookAt: lookAt(handed, now), news: tidings }
  const [kept] = await ctx.store.handed.hand([handing], now)
  if (kept !== true) throw over()
  return { cancel: work.run.status === 'cancelling', endsAt: timeUp(handed) }
}

/**
 * false: the attempt was over; what is said now is kept as evidence and changes nothing. Throws `invalid` for `cancelled`
 * when nobody has asked for that.
 */
export async function endRun(ctx: Context, ticket: Ticket, outcome: Outcome): Promise<boolean> {
  const fence = checkTicket(ctx, ticket)
  const work = await workOf(ctx, ticket.runId, fence)
  if (work === null) {
    await keepLate(ctx, ticket, fence, outcome)
    return false
  }
  mustHaveToken(work.spec)
  if (outcome.kind === 'cancelled' && work.run.status !== 'cancelling') throw notAsked()
  const kept = await masked(ctx, work.run.projectId, work.spec, ticket, outcome)
  const [run] = await reportCompletions(ctx, [{ work, outcome: kept, endedAt: ctx.clock.now() }])
  return run !== null
}

/** Bytes as they were written; a chunk that comes again is taken once. */
export async function appendRunLog(
  ctx: Context,
  ticket: Ticket,
  chunk: { readonly stream: LogStream; readonly sequence: number; readonly bytes: Uint8Array },
): Promise<LogReceipt> {
  const { stream, sequence, bytes } = chunk
  const log = await logOf(ctx, ticket)
  if (bytes.length === 0) throw new AppError('invalid', 'A chunk of a log has at least one byte.')
  const { projectId, spec } = await asked(ctx, ticket.runId)
  const masks = (await maskerFor(ctx, projectId, spec, ticket.token))?.stream()
  const kept = masks === undefined ? bytes : Buffer.concat([masks.add(bytes), masks.end()])
  const frames = Buffer.concat([frameHead(stream, ctx.clock.now(), kept.length), kept])
  return appendLog(ctx, { ...log, sequence, frames })
}

export async function sealRunLog(ctx: Context, ticket: Ticket, chunks: number): Promise<void> {
  const log = await logOf(ctx, ticket)
  await asked(ctx, ticket.runId)
  await sealLog(ctx, { ...log, chunks })
}

/** Also of an attempt that is over: the rest of its log. */
async function logOf(ctx: Context, ticket: Ticket) {
  const { runId } = ticket
  const fence = checkTicket(ctx, ticket)
  const found = (await ctx.store.runs.attempts(runId)).find((attempt) => attempt.fence === fence)
  if (found === undefined) throw notFound('run', runId)
  return { runId, attempt: found.number, part: 0, fence }
}

/** The fence it is for. Throws `unauthenticated`. */
export function checkTicket({ runTokens }: Context, { runId, token }: Ticket): number {
  const fence = token === null ? null : runTokens.fenceOf(token, runId)
  if (fence !== null) return fence
  throw noToken()
}

function noToken(): AppError {
  return new AppError(
    'unauthenticated',
    'This needs the token of the attempt, as it came with the call in the header Carillon-Run-Token: "Authorization: Bearer <token>".',
  )
}

/** No other call is given one: whatever opens here was not made for it. */
function mustHaveToken({ target }: Work['spec']): void {
  if (target.http?.async !== true) throw noToken()
}

/** The run and what it was asked by, also when it is over. */
async function asked(ctx: Context, runId: string): Promise<{ run: Run; projectId: string; spec: JobSpec }> {
  const run = await ctx.store.runs.get(runId)
  const version = run === null ? null : await ctx.store.jobs.version(run.jobId, run.jobVersion)
  if (run === null || version === null) throw notFound('run', runId)
  mustHaveToken(version.spec)
  return { run, projectId: run.projectId, spec: version.spec }
}

/** Of what a receiver says the code is its own too. */
async function masked(
  ctx: Context,
  projectId: string,
  spec: Work['spec'],
  { token }: Ticket,
  outcome: Outcome,
): Promise<Outcome> {
  const masker = await maskerFor(ctx, projectId, spec, token)
  if (masker === null) return outcome
  const clean = masker.outcome(outcome) as Outcome
  return clean.kind === 'error' ? { ...clean, code: masker.text(clean.code) } : clean
}

async function workOf({ store }: Context, runId: string, fence: number): Promise<Work | null> {
  const [work] = await store.agents.works([{ runId, fence }])
  return work ?? null
}

async function keepLate(ctx: Context, ticket: Ticket, fence: number, outcome: Outcome): Promise<void> {
  const { run, projectId, spec } = await asked(ctx, ticket.runId)
  const kept = await masked(ctx, projectId, spec, ticket, outcome)
  const now = ctx.clock.now()
  const lease = { nodeId: 'none', fence, leasedAt: now }
  const overtaken: ActiveRun = { ...run, fence, status: 'running', lease }
  const settlement = { kind: 'done', status: 'unknown', message: 'came too late' } as const
  await ctx.store.runs.settle([{ run: overtaken, outcome: kept, settlement, endedAt: now }], now)
}

/** Retention may have forgotten the run. */
async function refusal({ store }: Context, { runId }: Ticket): Promise<AppError> {
  return (await store.runs.get(runId)) === null ? notFound('run', runId) : over()
}

function notAsked(): AppError {
  const detail = 'Nobody has asked for the end of this run, so it cannot be "cancelled". Say how it failed.'
  return new AppError('invalid', detail, [{ pointer: '/cancelled', code: 'not_asked', detail }])
}

function over(): AppError {
  return new AppError('fence_stale', 'This attempt is over: what it still does changes nothing. Stop it.')
}
