// A request to an address that the operator or an issuer named, by the guarded way all requests take.

export type WebCall = {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs: number
  /** A longer answer is none. */
  readonly bytesMax: number
}

export type WebAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface WebCaller {
  /** Redirects are answers. Throws, with a text for the log, where no whole answer came. */
  call(call: WebCall): Promise<WebAnswer>
}
