// Can this be told to whoever wants to know how a run ended?

import { bodyBytes, short } from './check-bounds.ts'
import { checkHeaders } from './check-headers.ts'
import { checkDuration } from './check-policy.ts'
import { checkAuth, checkSign } from './check-proof.ts'
import { checkUrl } from './check-url.ts'
import { CALLBACK_DEFAULTS, type Callback } from './effect.ts'
import type { Problems } from './errors.ts'
import { FINAL_STATUSES } from './run.ts'

export const CALLBACK_LIMITS = {
  retriesMax: 20,
  retryDelayMaxMs: 86_400_000,
  timeoutMaxMs: 5 * 60_000,
  bodyBytesMax: 65_536,
} as const

export function checkCallback(callback: Callback, problems: Problems, pointer: string): void {
  const { retriesMax, retryDelayMaxMs, timeoutMaxMs } = CALLBACK_LIMITS
  checkUrl(callback.url, problems, `${pointer}/url`)
  checkHeaders(callback.headers, problems, `${pointer}/headers`)
  checkSign(callback, problems, pointer)
  checkAuth(callback, problems, pointer)
  checkDuration(callback.timeout, problems, `${pointer}/timeout`, 1, timeoutMaxMs)
  const delays = callback.retryDelays ?? []
  if (delays.length > retriesMax) {
    problems.add(
      `${pointer}/retryDelays`,
      'too_many',
      `A callback is tried again at most ${retriesMax} times; these are ${delays.length} delays.`,
    )
  }
  delays.forEach((delay, n) => {
    checkDuration(delay, problems, `${pointer}/retryDelays/${n}`, 0, retryDelayMaxMs)
  })
  callback.on?.forEach((status, n) => {
    if ((FINAL_STATUSES as readonly string[]).includes(status)) return
    problems.add(
      `${pointer}/on/${n}`,
      'status_unknown',
      `A callback is told when a run ends; "${short(status)}" is not how a run ends. Use ${FINAL_STATUSES.join(', ')}.`,
      CALLBACK_DEFAULTS.on.join(', '),
    )
  })
  checkCallbackBody(callback.body, problems, `${pointer}/body`)
}

function checkCallbackBody(body: unknown, problems: Problems, pointer: string): void {
  if (body === undefined) return
  const bytes = bodyBytes(body)
  const { bodyBytesMax } = CALLBACK_LIMITS
  if (bytes <= bodyBytesMax) return
  problems.add(
    pointer,
    'body_too_large',
    `The body of a callback has at most ${bodyBytesMax} bytes, this one ${bytes}.`,
  )
}
