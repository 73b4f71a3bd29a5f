// Requests to an S3-compatible service: signed, bounded in time, and tried again when nothing but time is needed.

import { AwsClient } from 'aws4fetch'
import { BlobStoreUnavailable } from '../../ports/blob-store.ts'
import type { Clock } from '../../ports/clock.ts'
import { xmlText } from './xml.ts'

export type S3Place = {
  /** Scheme and host, as https://s3.eu-central-1.amazonaws.com. */
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  /** Of every key; empty, or ends with a slash. */
  readonly prefix: string
}

export type S3Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** How requests leave: through the guard that main puts in front of the server's own services. */
export type S3Fetch = (
  url: string,
  init: {
    readonly method: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: Uint8Array
    readonly signal: AbortSignal
    readonly redirect: 'manual'
  },
) => Promise<Response>

export type S3Call = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** null: the bucket itself. */
  readonly key: string | null
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Statuses that are answers and no failures, besides 2xx. */
  readonly alsoFine?: readonly number[]
}

export const S3_LIMITS = {
  tries: 4,
  firstPauseMs: 200,
  /** To the head of an answer, a body on its way out included. */
  answerMs: 60_000,
  /** Between two parts of a body on its way in. */
  silenceMs: 30_000,
  errorTextMax: 65_536,
} as const

/** Refused by the guard: that is not going to change by waiting. */
const FORBIDDEN = 'TARGET_FORBIDDEN'

export class S3Requests {
  readonly #place: S3Place
  readonly #client: AwsClient
  readonly #clock: Clock
  readonly #fetch: S3Fetch

  constructor(place: S3Place, credentials: S3Credentials, clock: Clock, fetch: S3Fetch) {
    this.#place = place
    this.#clock = clock
    this.#fetch = fetch
    this.#client = new AwsClient({ ...credentials, service: 's3', region: place.region, retries: 0 })
  }

  /** Throws BlobStoreUnavailable; the body of what it answers with is to be read or cancelled. */
  async send(call: S3Call): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      const failure = await this.#try(call)
      if (!('again' in failure)) return failure
      if (!failure.again || tries === S3_LIMITS.tries) throw this.#failed(call, failure)
      await this.#pause(S3_LIMITS.firstPauseMs * 2 ** (tries - 1))
    }
  }

  async text(call: S3Call): Promise<string> {
    const response = await this.send(call)
    return response.text()
  }

  /** Part by part; a service that falls silent is given up. */
  async *bytes(response: Response): AsyncGenerator<Uint8Array> {
    if (response.body === null) return
    const reader = response.body.getReader()
    try {
      for (;;) {
        const part = await this.#withinSilence(reader)
        if (part === null) return
        yield part
      }
    } finally {
      await reader.cancel().catch(() => undefined)
    }
  }

  async #withinSilence(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | null> {
    let silent = false
    const cancel = this.#clock.after(S3_LIMITS.silenceMs, () => {
      silent = true
      void reader.cancel(new Error('silence')).catch(() => undefined)
    })
    try {
      const { done, value } = await reader.read()
      // Who cancels reads on as if this had been the end.
      if (silent) throw new Error(`nothing came for ${S3_LIMITS.silenceMs / 1_000} s`)
      return done ? null : value
    } catch (error) {
      throw new BlobStoreUnavailable(`the object store broke off: ${(error as Error).message}`, {
        cause: error,
      })
    } finally {
      cancel()
    }
  }

  async #try(call: S3Call): Promise<Response | Failure> {
    const deadline = new AbortController()
    const cancel = this.#clock.after(S3_LIMITS.answerMs, () => deadline.abort(new Error('no answer in time')))
    try {
      const { method, headers, body } = call
      const request = await this.#client.sign(this.#url(call), {
        method,
        headers: { ...headers },
        ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
      })
      const response = await this.#fetch(request.url, {
        method,
        headers: Object.fromEntries(request.headers),
        ...(body === undefined ? {} : { body }),
        signal: deadline.signal,
        redirect: 'manual',
      })
      if (response.ok || (call.alsoFine ?? []).includes(response.status)) return response
      return { ...(await refusal(response)), again: response.status >= 500 || response.status === 429 }
    } catch (error) {
      const { cause, message, code } = error as Error & { code?: string }
      const again = code !== FORBIDDEN
      return { text: cause instanceof Error ? cause.message : message, again, error }
    } finally {
      cancel()
    }
  }

  #url({ key, query = {} }: S3Call): string {
    const { endpoint, bucket, prefix } = this.#place
    const path = key === null ? bucket : `${bucket}/${prefix}${key}`
    const search = new URLSearchParams(query).toString()
    return `${endpoint}/${path}${search === '' ? '' : `?${search}`}`
  }

  #failed({ method, key }: S3Call, { text, error }: Failure): BlobStoreUnavailable {
    const { endpoint, bucket } = this.#place
    return new BlobStoreUnavailable(
      `the object store ${endpoint}, bucket ${bucket}, did not do ${method} ${key ?? ''}: ${text}`,
      { cause: error },
    )
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#clock.after(ms, resolve)
    await promise
  }
}

type Failure = { readonly text: string; readonly again: boolean; readonly error?: unknown }

async function refusal(response: Response): Promise<{ text: string }> {
  const body = (await response.text().catch(() => '')).slice(0, S3_LIMITS.errorTextMax)
  const why = [xmlText(body, 'Code'), xmlText(body, 'Message')].filter((part) => part !== null).join(': ')
  return { text: `${response.status} ${why || response.statusText}` }
}
