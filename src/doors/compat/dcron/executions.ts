// What became of a job: its latest attempts, oldest first, each with what it wrote.

import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Context } from '../../../commands/context.ts'
import { getRun } from '../../../commands/get-run.ts'
import { readLogText } from '../../../commands/log/read-log.ts'
import { executedRuns } from '../../../commands/recent-runs.ts'
import type { Principal } from '../../../domain/api-key.ts'
import type { Attempt } from '../../../domain/attempt.ts'
import { AppError } from '../../../domain/errors.ts'
import type { Job } from '../../../domain/job.ts'
import type { ExecutionSchema } from '../../../protocol/dcron.ts'
import { executionShown, processOf } from './to-legacy.ts'

/** So that an answer stays well below the 4 MiB that gRPC clients take. */
export const EXECUTION_LIMITS = { executionsMax: 50, logBytesMax: 32_768 } as const

export async function executionsOf(
  ctx: Context,
  who: Principal,
  job: Job,
): Promise<MessageInitShape<typeof ExecutionSchema>[]> {
  const { executionsMax } = EXECUTION_LIMITS
  const runs = await executedRuns(ctx, who, job.id, executionsMax)
  const found = await Promise.all(runs.map(({ id }) => getRun(ctx, who, id)))
  const attempts = found
    .flatMap(({ attempts }) => attempts.filter(({ outcome }) => outcome !== 'refused'))
    .sort((one, other) => one.startedAt - other.startedAt || one.number - other.number)
    .slice(-executionsMax)
  return Promise.all(attempts.map(async (attempt) => executionShown(attempt, await logOf(ctx, who, attempt))))
}

/** All of it, or its end. What never began has written nothing: then it says why. */
async function logOf(ctx: Context, who: Principal, attempt: Attempt): Promise<string> {
  const { detail } = attempt
  const process = processOf(attempt)
  const { logBytesMax } = EXECUTION_LIMITS
  if (detail !== null && process === undefined) return 'message' in detail ? detail.message : ''
  if (process !== undefined && Buffer.byteLength(process.output) === process.outputBytes)
    return process.output
  try {
    const which = { attempt: attempt.number }
    const all = process?.outputBytes ?? logBytesMax
    const from = Math.max(0, all - logBytesMax)
    const { content } = await readLogText(ctx, who, attempt.runId, which, { from, to: from + logBytesMax })
    const parts: Uint8Array[] = []
    for await (const part of content) parts.push(part)
    const text = Buffer.concat(parts).toString('utf8')
    return from === 0 ? text : `[the first ${from} bytes: carillon run log ${attempt.runId}]\n${text}`
  } catch (error) {
    // It has written nothing yet, or its log is gone; its end is in the ledger.
    if (error instanceof AppError && error.code === 'not_found') return process?.output ?? ''
    throw error
  }
}
