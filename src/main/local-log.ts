// Logs of processes on this node go into the store directly: commands, tried again while the store cannot be reached.

import type { Context } from '../commands/context.ts'
import { appendLog } from '../commands/log/append-log.ts'
import { sealLog } from '../commands/log/seal-log.ts'
import { LogWriter } from '../dispatch/log/log-writer.ts'
import { AppError } from '../domain/errors.ts'
import type { LogSink } from '../ports/log-sink.ts'
import type { Work } from '../ports/store.ts'

const RETRY_FIRST_MS = 100
const RETRY_LONGEST_MS = 5_000
/** A store that is away longer than this keeps a log incomplete rather than a process waiting for ever. */
const RETRY_FOR_MS = 300_000

export function openLocalLog(ctx: Context, onError: (where: string, error: unknown) => void) {
  return ({ run, attempt, part }: Work): LogSink => {
    const log = { runId: run.id, attempt: attempt.number, part: part?.index ?? 0, fence: run.fence }
    const transport = {
      append: (sequence: number, frames: Uint8Array) =>
        untilDone(ctx, () => appendLog(ctx, { ...log, sequence, frames })),
      seal: (chunks: number) => untilDone(ctx, () => sealLog(ctx, { ...log, chunks })),
    }
    return new LogWriter(ctx.clock, transport, (error) => onError(`log of ${run.id}`, error))
  }
}

async function untilDone(ctx: Context, act: () => Promise<unknown>): Promise<void> {
  const begun = ctx.clock.monotonic()
  for (let wait = RETRY_FIRST_MS; ; wait = Math.min(2 * wait, RETRY_LONGEST_MS)) {
    try {
      await act()
      return
    } catch (error) {
      // What is refused now is refused again.
      if (error instanceof AppError || ctx.clock.monotonic() - begun > RETRY_FOR_MS) throw error
      const { promise, resolve } = Promise.withResolvers<void>()
      ctx.clock.after(wait, resolve)
      await promise
    }
  }
}
