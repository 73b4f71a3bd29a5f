// What workers of Simple Scheduler report: {"jobName", "runId", "status"} and, as a heartbeat, {"jobName", "runId"}; each on
// the queue of its job. As there, the run's id decides, whatever the name in the body says.

import type { Context } from '../../commands/context.ts'
import type { Saying, Word } from '../../domain/outside-word.ts'
import { isRunId, type Letter, type LetterLog, readObject, takeLetters, type Verdict } from './letter.ts'

/** Its statuses; null: only the scheduler sets them. */
const STATUSES: Readonly<Record<string, Saying | null>> = {
  pending: null,
  running: 'running',
  cancelling: null,
  cancelled: 'cancelled',
  failed: 'failed',
  completed: 'completed',
}

export type SimpleQueue = 'status' | 'heartbeat'

export function takeSimpleLetters(
  ctx: Context,
  jobName: string,
  queue: SimpleQueue,
  letters: readonly Letter[],
  log: LetterLog,
): Promise<readonly Verdict[]> {
  return takeLetters(
    ctx,
    letters,
    queue === 'status' ? readSimpleStatus : readSimpleHeartbeat,
    ({ run, spec: { target } }) =>
      target.message?.protocol === 'simple-scheduler' && run.jobName === jobName
        ? null
        : `the run is not one of the job ${jobName}`,
    log,
  )
}

export function readSimpleStatus(letter: Letter): Word | string {
  const about = readAbout(letter)
  if (typeof about === 'string') return about
  const { status, ...run } = about
  const says = typeof status === 'string' && Object.hasOwn(STATUSES, status) ? STATUSES[status] : undefined
  if (says === undefined) return `"status" is one of ${Object.keys(STATUSES).join(', ')}`
  if (says === null) return `a run becomes "${status}" by its scheduler only`
  // There a failure is the end of its run.
  return { ...run, says, ...(says === 'failed' ? { retryable: false } : {}) }
}

export function readSimpleHeartbeat(letter: Letter): Word | string {
  const about = readAbout(letter)
  if (typeof about === 'string') return about
  const { status: _, ...run } = about
  return { ...run, says: 'heartbeat' }
}

/** The id of a further attempt ends with its number. */
function readAbout(letter: Letter): { runId: string; attempt: number; status: unknown } | string {
  const object = readObject(letter)
  if (typeof object === 'string') return object
  const { runId, status } = object
  const [, id, further] =
    /^(.{1,60}?)(?:\.([1-9]\d{0,6}))?$/.exec(typeof runId === 'string' ? runId : '') ?? []
  if (!isRunId(id)) return '"runId" is the id of a run, as it stood in the action'
  return { runId: id, attempt: Number(further ?? 1), status }
}
