// Can this be called? Shapes were checked at the door; here is meaning: what HTTP admits, what is ours to set,
// and the bounds. Whether the address may be reached at all is the address guard's to say.

import { checkCommandTarget, checkScriptTarget } from './check-execution.ts'
import { checkMessageTarget } from './check-message-target.ts'
import { checkDuration } from './check-policy.ts'
import { CALLBACK_DEFAULTS, type Callback } from './effect.ts'
import type { Problems } from './errors.ts'
import { POLICY_LIMITS } from './policy.ts'
import { FINAL_STATUSES } from './run.ts'
import { isSecretPlace } from './secret.ts'
import {
  AUDIENCE_MAX,
  type BatchRule,
  HTTP_LIMITS,
  HTTP_METHODS,
  type HttpTarget,
  httpMethod,
  isStatusPattern,
  SIGN_SECRETS_MAX,
  TARGET_KINDS,
  type Target,
} from './target.ts'

/** They frame the request or belong to one connection: whoever sets them can smuggle a second request. */
const FRAMING_HEADERS: readonly string[] = [
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'http2-settings',
]

/** They say which run this is. */
const RUN_HEADERS: readonly string[] = ['idempotency-key', 'traceparent', 'tracestate']

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Why a header may not be set: `framing`, `run`, or null when it may. */
export function reservedHeader(name: string): 'framing' | 'run' | null {
  const lower = name.toLowerCase()
  if (FRAMING_HEADERS.includes(lower) || lower.startsWith('proxy-')) return 'framing'
  return RUN_HEADERS.includes(lower) || lower.startsWith('carillon-') ? 'run' : null
}

/** A name and a value that can stand on the wire as one header. */
export function isHeader(name: string, value: string): boolean {
  return TOKEN.test(name) && FIELD_VALUE.test(value)
}

/** Could they all stand on the wire? What is filled in may hold what no header can. */
export function areHeaders(headers: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(headers).every(([name, value]) => isHeader(name, value))
}

export function checkTarget(target: Target, problems: Problems, pointer: string): void {
  const kinds = TARGET_KINDS.filter((kind) => target[kind] !== undefined)
  if (kinds.length !== 1) {
    const found = kinds.length === 0 ? '' : `, not ${kinds.join(' and ')}`
    problems.add(
      pointer,
      'exactly_one_of',
      `A job does one thing: ${TARGET_KINDS.join(', ').replace(/, (\w+)$/, ' or $1')}${found}.`,
    )
  }
  if (target.http !== undefined) checkHttpTarget(target.http, problems, `${pointer}/http`)
  if (target.command !== undefined) checkCommandTarget(target.command, problems, `${pointer}/command`)
  if (target.script !== undefined) checkScriptTarget(target.script, problems, `${pointer}/script`)
  if (target.message !== undefined) checkMessageTarget(target.message, problems, `${pointer}/message`)
}

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

function checkSign(
  { sign, headers = {} }: Pick<HttpTarget, 'sign' | 'headers'>,
  problems: Problems,
  pointer: string,
): void {
  if (sign === undefined) return
  if (sign.secrets.length === 0 || sign.secrets.length > SIGN_SECRETS_MAX) {
    problems.add(
      `${pointer}/sign/secrets`,
      'range',
      `A request is signed with 1 to ${SIGN_SECRETS_MAX} secrets.`,
    )
  }
  sign.secrets.forEach((text, n) => {
    if (isSecretPlace(text)) return
    problems.add(
      `${pointer}/sign/secrets/${n}`,
      'secret_name',
      'What signs is a secret of the project, named as {{secret.name}}: it does not stand in the job itself.',
    )
  })
  for (const name of Object.keys(headers)) {
    if (!/^webhook-(?:id|timestamp|signature)$/i.test(name)) continue
    problems.add(
      `${pointer}/headers/${name}`,
      'header_reserved',
      `The header "${name}" belongs to the signature and is set by the scheduler.`,
    )
  }
}

function checkAuth(
  { auth, headers = {} }: Pick<HttpTarget, 'auth' | 'headers'>,
  problems: Problems,
  pointer: string,
): void {
  if (auth === undefined) return
  const { audience } = auth.oidc
  if (!/^[\x21-\x7e]+$/.test(audience) || audience.length > AUDIENCE_MAX) {
    problems.add(
      `${pointer}/auth/oidc/audience`,
      'audience_invalid',
      `An audience has 1 to ${AUDIENCE_MAX} visible characters, as the receiver expects it in "aud".`,
    )
  }
  for (const name of Object.keys(headers)) {
    if (name.toLowerCase() !== 'authorization') continue
    problems.add(
      `${pointer}/headers/${name}`,
      'header_reserved',
      'The header "Authorization" carries the token of "auth". Leave out one of them.',
    )
  }
}

function checkCallbackBody(body: unknown, problems: Problems, pointer: string): void {
  if (body === undefined) return
  const bytes = utf8Length(typeof body === 'string' ? body : JSON.stringify(body))
  const { bodyBytesMax } = CALLBACK_LIMITS
  if (bytes <= bodyBytesMax) return
  problems.add(
    pointer,
    'body_too_large',
    `The body of a callback has at most ${bodyBytesMax} bytes, this one ${bytes}.`,
  )
}

function checkUrl(text: string, problems: Problems, pointer: string): void {
  if (text.length > HTTP_LIMITS.urlMax) {
    problems.add(
      pointer,
      'url_too_long',
      `A url has at most ${HTTP_LIMITS.urlMax} characters, this one ${text.length}. Send long data in the body.`,
    )
    return
  }
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null) {
    // "example.com:80/x" parses as a scheme; "example.com/x" does not parse at all.
    const guess = `https://${text}`
    const suggestion = /^[\w.-]+\.[a-z]{2,}([:/?]|$)/i.test(text) && URL.canParse(guess) ? guess : undefined
    problems.add(
      pointer,
      'url_invalid',
      `"${short(text)}" is not a url. Write it whole, for example https://example.com/path.`,
      suggestion,
    )
    return
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    problems.add(
      pointer,
      'url_scheme',
      `Only http and https are called; this url starts with "${short(url.protocol)}".`,
    )
    return
  }
  if (/\p{Cc}/u.test(text) || text !== text.trim()) {
    problems.add(
      pointer,
      'url_invalid',
      'A url has no line breaks, control characters or spaces around it.',
      url.href,
    )
  } else if (!/^https?:\/\//i.test(text)) {
    problems.add(pointer, 'url_invalid', 'After the scheme of a url come two slashes.', url.href)
  }
  if (url.username !== '' || url.password !== '') {
    problems.add(
      pointer,
      'url_credentials',
      'A url carries no user name or password: urls end up in logs. Send them in an Authorization header.',
    )
  }
  if (text.includes('#')) {
    problems.add(
      pointer,
      'url_fragment',
      'What follows "#" is never sent to a server. Leave it out, or write %23 if it belongs to the path or query.',
    )
  }
  if (url.port === '0')
    problems.add(pointer, 'url_invalid', 'Nothing listens on port 0. Give the port of the service.')
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

function checkHeaders(headers: HttpTarget['headers'], problems: Problems, pointer: string): void {
  const entries = Object.entries(headers ?? {})
  const { headersMax, headerBytesMax } = HTTP_LIMITS
  if (entries.length > headersMax) {
    problems.add(
      pointer,
      'headers_too_many',
      `A request has at most ${headersMax} headers, this one ${entries.length}.`,
    )
  }
  const bytes = entries.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0)
  if (bytes > headerBytesMax) {
    problems.add(
      pointer,
      'headers_too_large',
      `The headers take ${bytes} bytes, at most ${headerBytesMax} are sent. Move data into the body.`,
    )
  }
  const seen = new Set<string>()
  // The count is bounded above; so are the problems told about it.
  for (const [name, value] of entries.slice(0, headersMax)) {
    const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    checkHeader(name, value, problems, at)
    const lower = name.toLowerCase()
    if (seen.has(lower)) {
      problems.add(
        at,
        'header_duplicate',
        `The header "${short(name)}" is given twice: names differ not by case. Give it once.`,
      )
    }
    seen.add(lower)
  }
}

function checkHeader(name: string, value: string, problems: Problems, at: string): void {
  if (!TOKEN.test(name)) {
    problems.add(
      at,
      'header_invalid',
      `"${short(name)}" cannot be the name of a header: letters, digits and - are fine; spaces, colons and line breaks are not.`,
    )
    return
  }
  const reserved = reservedHeader(name)
  if (reserved === 'framing') {
    problems.add(
      at,
      'header_reserved',
      `The header "${short(name)}" belongs to the connection and is set by the scheduler. Leave it out.`,
    )
  } else if (reserved === 'run') {
    problems.add(
      at,
      'header_reserved',
      `The header "${short(name)}" is set by the scheduler on every request. Choose another name, such as X-${name}.`,
      `X-${name}`,
    )
  }
  if (!FIELD_VALUE.test(value)) {
    problems.add(
      at,
      'header_invalid',
      `The value of "${short(name)}" has characters that a header cannot carry (line breaks, control characters or letters outside Latin-1). Percent-encode it.`,
    )
  }
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
  const text = typeof target.body === 'string' ? target.body : JSON.stringify(target.body)
  const bytes = utf8Length(text)
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

function checkCount(
  value: number | undefined,
  min: number,
  max: number,
  problems: Problems,
  pointer: string,
): void {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return
  problems.add(pointer, 'range', `This is a whole number from ${min} to ${max}, not ${value}.`)
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length
}

/** What a person wrote, for a message: never so long that it drowns the message. */
function short(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`
}
