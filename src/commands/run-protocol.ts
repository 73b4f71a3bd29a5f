// The run protocol of receivers: whoever was called with "async" tells of the run and ends it, with the token of the attempt.
// All of it ends where every attempt ends.

import { AppError } from '../domain/errors.ts'
import { lookAt, timeUp } from '../domain/handed-over.ts'
import { frameHead, type LogStream } from '../domain/log/log-frame.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { ActiveRun } from '../domain/run.ts'
import type { Work } from '../ports/store.ts'
import { notFound } from './authorize.ts'
import type { Context } from './context.ts'
import { appendLog, type LogReceipt } from './log/append-log.ts'
import { sealLog } from './log/seal-log.ts'
import { reportCompletions } from './report-completion.ts'

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
  const fence = fenceOf(ctx, ticket)
  const [active] = await ctx.store.handed.active([ticket.runId])
  if (active?.work.run.fence !== fence) throw await refusal(ctx, ticket)
  const { work, acceptedAt } = active
  const now = ctx.clock.now()
  const { extendMs, ...told } = news
  const endsBy = extendMs === undefined ? active.endsBy : Math.max(active.endsBy ?? 0, now + extendMs)
  const handed = { spec: work.spec, startedAt: work.attempt.startedAt, acceptedAt: acceptedAt ?? now, endsBy }
  const tidings = endsBy === null ? told : { ...told, endsBy }
  const handing = { run: work.run, accepted: true, lookAt: lookAt(handed, now), news: tidings }
  const [kept] = await ctx.store.handed.hand([handing], now)
  if (kept !== true) throw over()
  return { cancel: work.run.status === 'cancelling', endsAt: timeUp(handed) }
}

/** false: the attempt was over; what is said now is kept as evidence and changes nothing. */
export async function endRun(ctx: Context, ticket: Ticket, outcome: Outcome): Promise<boolean> {
  const fence = fenceOf(ctx, ticket)
  const work = await workOf(ctx, ticket.runId, fence)
  if (work === null) {
    await keepLate(ctx, ticket.runId, fence, outcome)
    return false
  }
  const [run] = await reportCompletions(ctx, [{ work, outcome, endedAt: ctx.clock.now() }])
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
  const frames = Buffer.concat([frameHead(stream, ctx.clock.now(), bytes.length), bytes])
  return appendLog(ctx, { ...log, sequence, frames })
}

export async function sealRunLog(ctx: Context, ticket: Ticket, chunks: number): Promise<void> {
  await sealLog(ctx, { ...(await logOf(ctx, ticket)), chunks })
}

/** Also of an attempt that is over: the rest of its log. */
async function logOf(ctx: Context, ticket: Ticket) {
  const { runId } = ticket
  const fence = fenceOf(ctx, ticket)
  const found = (await ctx.store.runs.attempts(runId)).find((attempt) => attempt.fence === fence)
  if (found === undefined) throw notFound('run', runId)
  return { runId, attempt: found.number, part: 0, fence }
}

function fenceOf({ runTokens }: Context, { runId, token }: Ticket): number {
  const fence = token === null ? null : runTokens.fenceOf(token, runId)
  if (fence !== null) return fence
  throw new AppError(
    'unauthenticated',
    'This needs the token of the attempt, as it came with the call in the header Carillon-Run-Token: "Authorization: Bearer <token>".',
  )
}

async function workOf({ store }: Context, runId: string, fence: number): Promise<Work | null> {
  const [work] = await store.agents.works([{ runId, fence }])
  return work ?? null
}

async function keepLate(ctx: Context, runId: string, fence: number, outcome: Outcome): Promise<void> {
  const run = await ctx.store.runs.get(runId)
  if (run === null) throw notFound('run', runId)
  const now = ctx.clock.now()
  const lease = { nodeId: 'none', fence, leasedAt: now }
  const overtaken: ActiveRun = { ...run, fence, status: 'running', lease }
  const settlement = { kind: 'done', status: 'unknown', message: 'came too late' } as const
  await ctx.store.runs.settle([{ run: overtaken, outcome, settlement, endedAt: now }], now)
}

/** Retention may have forgotten the run. */
async function refusal({ store }: Context, { runId }: Ticket): Promise<AppError> {
  return (await store.runs.get(runId)) === null ? notFound('run', runId) : over()
}

function over(): AppError {
  return new AppError('fence_stale', 'This attempt is over: what it still does changes nothing. Stop it.')
}
