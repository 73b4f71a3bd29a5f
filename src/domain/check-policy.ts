// Do the rules make sense? Shapes were checked at the door; here durations and bounds.

import { formatDuration, parseDuration } from './duration.ts'
import type { Problems } from './errors.ts'
import { POLICY_LIMITS, type PolicySpec, type RetrySpec } from './policy.ts'
import { isStatusPattern } from './target.ts'

export function checkPolicy(spec: PolicySpec, problems: Problems, pointer: string): void {
  const { timeoutMaxMs, withinMaxMs, heartbeatTimeoutMinMs } = POLICY_LIMITS
  checkDuration(spec.timeout, problems, `${pointer}/timeout`, 0, timeoutMaxMs)
  const heartbeat = `${pointer}/heartbeatTimeout`
  checkDuration(spec.heartbeatTimeout, problems, heartbeat, heartbeatTimeoutMinMs, timeoutMaxMs)
  checkDuration(spec.queueTimeout, problems, `${pointer}/queueTimeout`, 0, withinMaxMs)
  checkDuration(spec.startWithin, problems, `${pointer}/startWithin`, 1_000, withinMaxMs)
  if (typeof spec.catchUp === 'object') {
    checkDuration(spec.catchUp.within, problems, `${pointer}/catchUp/within`, 1_000, withinMaxMs)
  }
  checkConcurrency(spec, problems, `${pointer}/concurrency`)
  if (spec.retry !== undefined) checkRetry(spec.retry, problems, `${pointer}/retry`)
}

/** Two keys that look the same are to be the same. */
function checkConcurrency({ concurrency }: PolicySpec, problems: Problems, pointer: string): void {
  if (concurrency === undefined || /^[\x21-\x7e]+$/.test(concurrency.key)) return
  problems.add(
    `${pointer}/key`,
    'concurrency_key',
    'A concurrency key is made of visible ASCII characters without spaces, as "billing-db".',
  )
}

function checkRetry(retry: RetrySpec, problems: Problems, pointer: string): void {
  const { delayMaxMs } = POLICY_LIMITS
  retry.delays?.forEach((delay, n) => {
    checkDuration(delay, problems, `${pointer}/delays/${n}`, 0, delayMaxMs)
  })
  const min = checkDuration(retry.minDelay, problems, `${pointer}/minDelay`, 0, delayMaxMs)
  const max = checkDuration(retry.maxDelay, problems, `${pointer}/maxDelay`, 0, delayMaxMs)
  if (min !== null && max !== null && min > max) {
    problems.add(`${pointer}/maxDelay`, 'range', 'maxDelay is shorter than minDelay.')
  }
  if (retry.delays !== undefined && exponentialKeys(retry).length > 0) {
    problems.add(
      `${pointer}/delays`,
      'exactly_one_of',
      `Give either the list of delays or ${exponentialKeys(retry).join(', ')}, not both: the list says how often and how long.`,
    )
  }
  retry.nonRetryable?.forEach((pattern, n) => {
    if (isStatusPattern(pattern)) return
    problems.add(
      `${pointer}/nonRetryable/${n}`,
      'status_pattern',
      'A status is a number from 100 to 599, a class such as "4xx" or a range such as "400-404".',
    )
  })
}

function exponentialKeys(retry: RetrySpec): string[] {
  return ['max', 'minDelay', 'maxDelay', 'factor', 'jitter'].filter((key) => key in retry)
}

/** Milliseconds; null when absent or refused. */
export function checkDuration(
  text: string | undefined,
  problems: Problems,
  pointer: string,
  minMs: number,
  maxMs: number,
): number | null {
  if (text === undefined) return null
  const ms = parseDuration(text)
  if (ms === null) {
    problems.add(
      pointer,
      'duration',
      `"${text.slice(0, 40)}" is not a duration. Write it like "500ms", "30s", "1h30m" or "PT30S".`,
    )
    return null
  }
  if (ms < minMs || ms > maxMs) {
    problems.add(
      pointer,
      'range',
      `This duration is from ${formatDuration(minMs)} to ${formatDuration(maxMs)}; ${text} is not.`,
    )
    return null
  }
  return ms
}
