// What the last complete round of a task has put out, by our agents or by foreign ones.

import { readRound } from '../../../commands/agent-reports.ts'
import type { Context } from '../../../commands/context.ts'
import { getRun } from '../../../commands/get-run.ts'
import { listRuns } from '../../../commands/list-runs.ts'
import { readLogText } from '../../../commands/log/read-log.ts'
import type { Principal } from '../../../domain/api-key.ts'
import type { Attempt } from '../../../domain/attempt.ts'
import { AppError } from '../../../domain/errors.ts'
import type { Job } from '../../../domain/job.ts'
import type { LogStream } from '../../../domain/log/log-frame.ts'
import { FOREIGN_LABEL } from './to-command.ts'
import { agentUuid, type Output, roundShown } from './to-legacy.ts'

/** Bytes of one output of one agent, and of all outputs of a round: beyond that the log has more. */
export const OUTPUT_LIMITS = { outputBytesMax: 1_048_576, roundBytesMax: 16_777_216 } as const

const READS_AT_ONCE = 16

/** null: no round is complete yet. `foreignMax`: of so many foreign agents at most, whatever the job says. */
export async function latestOutput(
  ctx: Context,
  who: Principal,
  job: Job,
  foreignMax: number,
): Promise<Record<string, unknown> | null> {
  const foreign = Math.min(foreignMax, Number(job.spec.labels[FOREIGN_LABEL] ?? 0))
  if (foreign > 0) {
    const round = await readRound(ctx, who, job, { agents: foreign, outputMax: outputMax(foreign) })
    return round === null ? null : roundShown(round.completedAt, round.outputs)
  }
  const query = { job: job.id, status: ['succeeded', 'failed'] } as const
  const [run] = (await listRuns(ctx, who, query, { limit: 1 })).items
  if (run === undefined || !('finishedAt' in run)) return null
  return roundShown(run.finishedAt, await outputsOf(ctx, who, run.id))
}

/** Of each agent what it tried last. */
async function outputsOf(ctx: Context, who: Principal, runId: string): Promise<Output[]> {
  const { attempts } = await getRun(ctx, who, runId)
  const last = [...new Map(attempts.map((attempt) => [attempt.agent, attempt])).values()]
  const max = outputMax(last.length)
  const outputs: Output[] = []
  for (let n = 0; n < last.length; n += READS_AT_ONCE) {
    const some = last.slice(n, n + READS_AT_ONCE).map((attempt) => outputOf(ctx, who, attempt, max))
    outputs.push(...(await Promise.all(some)))
  }
  return outputs
}

function outputMax(agents: number): number {
  const { outputBytesMax, roundBytesMax } = OUTPUT_LIMITS
  return Math.min(outputBytesMax, Math.floor(roundBytesMax / Math.max(1, agents) / 2))
}

async function outputOf(ctx: Context, who: Principal, attempt: Attempt, max: number): Promise<Output> {
  const text = (stream: LogStream): Promise<string> => textOf(ctx, who, attempt, stream, max)
  const [stdout, stderr] = await Promise.all([text('stdout'), text('stderr')])
  const { detail, agent } = attempt
  // Who wrote nothing and failed says why.
  const silent = stdout === '' && stderr === '' && detail !== null && detail.kind !== 'ok'
  return { agentId: agentUuid(agent ?? 'none'), stdout, stderr: silent ? `${detail.message}\n` : stderr }
}

async function textOf(
  ctx: Context,
  who: Principal,
  { runId, number }: Attempt,
  stream: LogStream,
  max: number,
): Promise<string> {
  try {
    const which = { attempt: number }
    const { content } = await readLogText(ctx, who, runId, which, { to: max, streams: [stream] })
    const parts: Uint8Array[] = []
    for await (const part of content) parts.push(part)
    return Buffer.concat(parts).toString('utf8')
  } catch (error) {
    // It wrote nothing, or its log is gone.
    if (error instanceof AppError && error.code === 'not_found') return ''
    throw error
  }
}
