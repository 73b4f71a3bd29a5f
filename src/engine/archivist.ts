// Keeps the logs in order: seals what nobody has sealed, and deletes the blobs of what was forgotten. Whatever is cut off
// by a crash is done again.

import type { Context } from '../commands/context.ts'
import { sealAs } from '../commands/log/seal-log.ts'
import { LOG_LIMITS } from '../domain/log/run-log.ts'
import type { Rest } from './loop.ts'

const BATCH = 100
const BLOBS_AT_ONCE = 1_000
/** Between two batches others get their turn. */
const PAUSE_MS = 50

/** `onFailure`: one that could not be done does not hold up the others. */
export async function archivistTick(
  ctx: Context,
  onFailure: (what: string, error: unknown) => void,
): Promise<Rest> {
  const sealed = await sealForgotten(ctx, onFailure)
  const deleted = await deleteDiscarded(ctx)
  return sealed || deleted ? PAUSE_MS : null
}

async function sealForgotten(
  ctx: Context,
  onFailure: (what: string, error: unknown) => void,
): Promise<boolean> {
  const now = ctx.clock.now()
  // By when the run was ended here: its attempts may have ended long before that, on an agent that could not say so.
  const logs = await ctx.store.logs.unsealed({ endedBy: now - LOG_LIMITS.lateGraceMs, limit: BATCH })
  let failures = 0
  for (const log of logs) {
    try {
      await sealAs(ctx, log, false)
    } catch (error) {
      failures += 1
      onFailure(`log of ${log.runId}`, error)
    }
  }
  return logs.length === BATCH && failures === 0
}

async function deleteDiscarded({ store, blobs }: Context): Promise<boolean> {
  const discarded = await store.housekeeping.discarded(BATCH)
  const done: number[] = []
  for (const { no, prefix } of discarded) {
    const heads = await blobs.list(prefix, { limit: BLOBS_AT_ONCE })
    await blobs.delete(heads.map(({ key }) => key))
    if (heads.length < BLOBS_AT_ONCE) done.push(no)
  }
  if (done.length > 0) await store.housekeeping.cleared(done)
  return discarded.length === BATCH || done.length < discarded.length
}
