// Can this be called? What HTTP admits, what is ours to set, and the bounds.

import { bodyBytes, checkCount, short } from './check-bounds.ts'
import { checkHeader, checkHeaders } from './check-headers.ts'
import { checkDuration } from './check-policy.ts'
import { checkAuth, checkSign } from './check-proof.ts'
import { checkUrl } from './check-url.ts'
import type { Problems } from './errors.ts'
import { POLICY_LIMITS } from './policy.ts'
import {
  type BatchRule,
  HTTP_LIMITS,
  HTTP_METHODS,
  type HttpTarget,
  httpMethod,
  isStatusPattern,
} from './target.ts'

export function checkHttpTarget(target: HttpTarget, problems: Problems, pointer: string): void {
  checkUrl(target.url, problems, `${pointer}/url`)
  checkMethod(target, problems, pointer)
  checkHeaders(target.headers, problems, `${pointer}/headers`)
  checkSign(target, problems, pointer)
  checkAuth(target, problems, pointer)
  checkBody(target, problems, pointer)
  checkDuration(target.timeout, problems, `${pointer}/timeout`, 1, POLICY_LIMITS.timeoutMaxMs)
  checkAcceptStatus(target.acceptStatus, problems, `${pointer}/acceptStatus`)
  const { responseBytesMax, redirectsMax } = HTTP_LIMITS
  checkCount(target.responseBytesMax, 0, responseBytesMax, problems, `${pointer}/responseBytesMax`)
  checkCount(target.redirectsMax, 0, redirectsMax, problems, `${pointer}/redirectsMax`)
  if (target.async === true && target.batch !== undefined) {
    problems.add(
      `${pointer}/async`,
      'async_batch',
      'Runs of a batch share one answer, so none of them can go on by itself. Leave out "async" or "batch".',
    )
  }
  if (target.batch !== undefined) checkBatch(target, target.batch, problems, `${pointer}/batch`)
}

function checkMethod(target: HttpTarget, problems: Problems, pointer: string): void {
  const { method } = target
  if (method === undefined || (HTTP_METHODS as readonly string[]).includes(method)) return
  const upper = method.toUpperCase()
  const known = (HTTP_METHODS as readonly string[]).includes(upper)
  problems.add(
    `${pointer}/method`,
    'method_invalid',
    `"${short(method)}" is not a method that can be called here. Use one of ${HTTP_METHODS.join(', ')}.`,
    known ? upper : undefined,
  )
}

function checkBody(target: HttpTarget, problems: Problems, pointer: string): void {
  if (target.body === undefined) return
  const method = httpMethod(target)
  // A GET may carry one, and some servers ask for it (RFC 9110, 9.3.1); a HEAD with one is a mistake.
  if (method === 'HEAD') {
    problems.add(
      `${pointer}/body`,
      'body_unexpected',
      `A ${method} request has no body. Use POST, or leave the body out.`,
      'POST',
    )
  }
  const bytes = bodyBytes(target.body)
  if (bytes > HTTP_LIMITS.bodyBytesMax) {
    problems.add(
      `${pointer}/body`,
      'body_too_large',
      `A body has at most ${HTTP_LIMITS.bodyBytesMax} bytes, this one ${bytes}. Put the data where the receiver can fetch it, and send its address.`,
    )
  }
}

function checkAcceptStatus(patterns: HttpTarget['acceptStatus'], problems: Problems, pointer: string): void {
  if (patterns === undefined) return
  if (patterns.length === 0) {
    problems.add(
      pointer,
      'status_pattern',
      'An empty list accepts no answer at all. Leave it out to accept every 2xx.',
    )
  }
  patterns.forEach((pattern, n) => {
    if (isStatusPattern(pattern)) return
    problems.add(
      `${pointer}/${n}`,
      'status_pattern',
      `"${short(String(pattern))}" is not a status. Write a number from 100 to 599, a class such as "2xx" or a range such as "200-204".`,
    )
  })
}

function checkBatch(target: HttpTarget, batch: BatchRule, problems: Problems, pointer: string): void {
  const method = httpMethod(target)
  if (!['POST', 'PUT', 'PATCH'].includes(method)) {
    problems.add(
      pointer,
      'batch_method',
      `A batch travels as one body, which ${short(method)} has not. Use POST, PUT or PATCH.`,
      'POST',
    )
  }
  checkCount(batch.maxItems, 1, HTTP_LIMITS.batchItemsMax, problems, `${pointer}/maxItems`)
  checkCount(batch.maxBytes, 1, HTTP_LIMITS.batchBytesMax, problems, `${pointer}/maxBytes`)
  const { indexHeader } = batch
  if (indexHeader !== undefined) checkHeader(indexHeader, '0', problems, `${pointer}/indexHeader`)
}
