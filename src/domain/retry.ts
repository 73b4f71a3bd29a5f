// How long to wait before attempt n+1.

import type { RetryPolicy } from './policy.ts'

/** `attempts`: how many were made; `random` in [0, 1) draws the jittered share. */
export function retryDelay(retry: RetryPolicy, attempts: number, random: number): number {
  const base = retry.delaysMs === null ? exponential(retry, attempts) : listed(retry.delaysMs, attempts)
  const share = retry.delaysMs === null ? retry.jitter : 0
  return Math.round(base * (1 - share + share * random))
}

function exponential({ minDelayMs, maxDelayMs, factor }: RetryPolicy, attempts: number): number {
  return Math.min(maxDelayMs, minDelayMs * factor ** (attempts - 1))
}

/** Attempts that were lost do not shift the list: past its end the last delay holds. */
function listed(delays: readonly number[], attempts: number): number {
  return delays[Math.min(attempts, delays.length) - 1] ?? 0
}
