// What workers of messages report: {"runId", "fence", "status", "message"?, "retryable"?} on one queue.

import type { Context } from '../../commands/context.ts'
import { finishesByStatus } from '../../domain/message-target.ts'
import { SAYINGS, type Saying, type Word } from '../../domain/outside-word.ts'
import { isRunId, type Letter, type LetterLog, readObject, takeLetters, type Verdict } from './letter.ts'

export function takeStatuses(
  ctx: Context,
  letters: readonly Letter[],
  log: LetterLog,
): Promise<readonly Verdict[]> {
  return takeLetters(
    ctx,
    letters,
    readStatus,
    ({ spec: { target } }) => {
      const { message } = target
      const theirs = message !== undefined && finishesByStatus(message) && message.protocol === undefined
      return theirs ? null : 'the end of this run is not reported here'
    },
    log,
  )
}

export function readStatus(letter: Letter): Word | string {
  const object = readObject(letter)
  if (typeof object === 'string') return object
  const { runId, fence, status, message, retryable } = object
  if (!isRunId(runId)) return '"runId" is the id of a run, as it stood in the message'
  if (typeof fence !== 'number' || !Number.isSafeInteger(fence) || fence < 1) {
    return '"fence" is the number from the message, by which it is known which attempt this is about'
  }
  if (!(SAYINGS as readonly unknown[]).includes(status)) {
    return `"status" is one of ${SAYINGS.join(', ')}`
  }
  if (message !== undefined && typeof message !== 'string') return '"message" is a text'
  if (retryable !== undefined && typeof retryable !== 'boolean') return '"retryable" is true or false'
  return {
    runId,
    fence,
    says: status as Saying,
    ...(message === undefined ? {} : { message }),
    ...(retryable === undefined ? {} : { retryable }),
  }
}
