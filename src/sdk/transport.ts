// One call: the request, its deadline, its further tries, and what the answer means.

import type { CallOptions, ClientOptions, Fetch } from './client-options.ts'
import { CarillonError, errorOf, unexpectedAnswer } from './error.ts'
import { newIdempotencyKey } from './idempotency-key.ts'
import { type Query, queryString } from './query.ts'
import { retryWaitMs, sleep } from './retry-wait.ts'

const TIMEOUT_DEFAULT_MS = 30_000
const RETRIES_DEFAULT = 3

export type Call = CallOptions & {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Query
  readonly body?: unknown
  /** Sent as they are, in place of a body of JSON. */
  readonly bytes?: Uint8Array
  readonly ifVersion?: number | undefined
  readonly idempotencyKey?: string | undefined
  /** The header `Prefer`. */
  readonly prefer?: string
  /** Doing it twice would do harm and the server cannot tell: no further try once the request may have arrived. */
  readonly once?: boolean
  /** Statuses besides 2xx whose body is an answer and no problem. */
  readonly alsoFine?: readonly number[]
}

export class Transport {
  readonly url: string
  readonly #apiKey: ClientOptions['apiKey']
  readonly #fetch: Fetch
  readonly #timeoutMs: number
  readonly #retries: number
  readonly #userAgent: string | undefined

  constructor(options: ClientOptions) {
    const parsed = URL.parse(options.url)
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
      throw new TypeError(
        `"${options.url}" is not the address of a server. Write it like "http://127.0.0.1:8080".`,
      )
    }
    this.url = options.url.replace(/\/+$/, '')
    this.#apiKey = options.apiKey
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init))
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_DEFAULT_MS
    this.#retries = options.retries ?? RETRIES_DEFAULT
    this.#userAgent = options.userAgent
  }

  /** The parsed JSON of the answer; undefined for 204. */
  async call<T>(call: Call): Promise<T> {
    const ready =
      call.method === 'POST' && call.idempotencyKey === undefined
        ? { ...call, idempotencyKey: newIdempotencyKey() }
        : call
    for (let tries = 0; ; tries += 1) {
      const result = await this.#try<T>(ready)
      if ('value' in result) return result.value
      const mayRepeat = tries < this.#retries && result.repeatable
      const wait = mayRepeat ? retryWaitMs(tries, result.retryAfter, Date.now(), Math.random()) : null
      if (wait === null) throw result.error
      await sleep(wait, call.signal)
    }
  }

  /** The text of the answer, whatever it is; for metrics. */
  async text(path: string, options: CallOptions = {}): Promise<string> {
    const response = await this.open(
      path,
      { accept: 'text/plain, application/problem+json' },
      this.#signal({ ...options, method: 'GET', path }),
    )
    return response.text()
  }

  /** The bytes of the answer; for contents. */
  async bytes(path: string, options: CallOptions = {}): Promise<Uint8Array> {
    const accept = { accept: 'application/octet-stream, application/problem+json' }
    const response = await this.open(path, accept, this.#signal({ ...options, method: 'GET', path }))
    return new Uint8Array(await response.arrayBuffer())
  }

  /** An answer that is read bit by bit. No deadline of its own, no further try. */
  async open(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Response> {
    const address = this.url + path
    const response = await this.#send(
      address,
      { headers: { ...(await this.#headers()), ...headers }, signal },
      signal,
    )
    if (!response.ok) throw await errorOf(response, address)
    return response
  }

  /** A call whose answer is read bit by bit: it is sent once. */
  async openCall(call: Call, accept: string, signal: AbortSignal): Promise<Response> {
    const address = this.url + call.path + queryString(call.query ?? {})
    const init = await this.#init(call, signal)
    const headers = {
      ...(init.headers as Record<string, string>),
      accept: `${accept}, application/problem+json`,
    }
    const response = await this.#send(address, { ...init, headers }, signal)
    if (!response.ok) throw await errorOf(response, address)
    return response
  }

  async #try<T>(call: Call): Promise<{ value: T } | Failure> {
    const address = this.url + call.path + queryString(call.query ?? {})
    const signal = this.#signal(call)
    try {
      const response = await this.#send(address, await this.#init(call, signal), signal)
      if (!response.ok && !(call.alsoFine ?? []).includes(response.status)) {
        const busy = response.status === 429 || response.status === 503
        return {
          error: await errorOf(response, address),
          repeatable: busy,
          retryAfter: response.headers.get('retry-after'),
        }
      }
      return { value: await answerOf<T>(response, address, signal) }
    } catch (error) {
      // The caller's own signal ends it for good, with the caller's reason.
      if (call.signal?.aborted) throw call.signal.reason
      if (!(error instanceof CarillonError)) throw error
      const harmless = call.method === 'GET' || (call.method === 'POST' && call.once !== true)
      return { error, repeatable: error.status === 0 && harmless, retryAfter: null }
    }
  }

  #signal(call: Call): AbortSignal {
    const deadline = AbortSignal.timeout(call.timeoutMs ?? this.#timeoutMs)
    return call.signal === undefined ? deadline : AbortSignal.any([call.signal, deadline])
  }

  async #send(address: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    try {
      return await this.#fetch(address, init)
    } catch (error) {
      throw noAnswer(error, address, signal)
    }
  }

  async #init(call: Call, signal: AbortSignal): Promise<RequestInit> {
    const headers = await this.#headers()
    if (call.idempotencyKey !== undefined) headers['idempotency-key'] = call.idempotencyKey
    if (call.prefer !== undefined) headers['prefer'] = call.prefer
    if (call.ifVersion !== undefined) headers['if-match'] = `"${call.ifVersion}"`
    if (call.bytes !== undefined) {
      headers['content-type'] = 'application/octet-stream'
      return { method: call.method, headers, signal, body: call.bytes as Uint8Array<ArrayBuffer> }
    }
    if (call.body === undefined) return { method: call.method, headers, signal }
    headers['content-type'] = call.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    return { method: call.method, headers, signal, body: JSON.stringify(call.body) }
  }

  async #headers(): Promise<Record<string, string>> {
    const headers: Record<string, string> = { accept: 'application/json, application/problem+json' }
    const key = typeof this.#apiKey === 'function' ? await this.#apiKey() : this.#apiKey
    if (key !== undefined) headers.authorization = `Bearer ${key}`
    if (this.#userAgent !== undefined) headers['user-agent'] = this.#userAgent
    return headers
  }
}

type Failure = {
  readonly error: CarillonError
  readonly repeatable: boolean
  readonly retryAfter: string | null
}

async function answerOf<T>(response: Response, address: string, signal: AbortSignal): Promise<T> {
  if (response.status === 204) return undefined as T
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
  if (!isJson) {
    await response.body?.cancel()
    throw unexpectedAnswer(response, address)
  }
  try {
    return (await response.json()) as T
  } catch (error) {
    if (error instanceof SyntaxError) throw unexpectedAnswer(response, address)
    throw noAnswer(error, address, signal)
  }
}

function noAnswer(error: unknown, address: string, signal: AbortSignal): CarillonError {
  const { origin } = new URL(address)
  if (signal.aborted) {
    return new CarillonError({
      status: 0,
      code: 'timed_out',
      detail: `${origin} did not answer in time.`,
      cause: error,
    })
  }
  const why = reasonOf(error)
  return new CarillonError({
    status: 0,
    code: 'unreachable',
    detail: `No answer from ${origin}: ${why}`,
    cause: error,
  })
}

/** fetch says only "fetch failed"; what happened is one or two causes deeper. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown }
  if (cause instanceof Error && cause.message !== '') return cause.message
  const code = (cause as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : String((error as Error).message ?? error)
}
