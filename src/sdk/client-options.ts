// How a client is set up, and what every single call may change.

/** The part of `fetch` that is used; any function of this shape will do. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export type ClientOptions = {
  /** Where the server is, such as "http://127.0.0.1:8080"; a path in front of `/v1` is kept. */
  readonly url: string
  /** The API key, or a token of an issuer the server trusts; asked for anew for each try where it changes. Without one only {@link HealthGroup} answers. */
  readonly apiKey?: string | (() => Promise<string>) | undefined
  /** Default: the platform's `fetch`. */
  readonly fetch?: Fetch | undefined
  /** Deadline of one try of one call, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number | undefined
  /** Further tries after no answer, 429 or 503. Default 3. */
  readonly retries?: number | undefined
  /** Told to the server as User-Agent, where the platform lets a program set it. */
  readonly userAgent?: string | undefined
}

export type CallOptions = {
  /** Ends the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Deadline of one try, in milliseconds. Default: that of the client. */
  readonly timeoutMs?: number | undefined
}

export type CreateOptions = CallOptions & {
  /**
   * A word of your own for this very request, up to 255 characters. The server does it once and answers a repeat
   * with the first answer, for 24 hours. Default: made by chance, so that the client's own retries are safe.
   */
  readonly idempotencyKey?: string | undefined
}

export type EditOptions = CallOptions & {
  /** The version that was read: the edit is refused (`version_conflict`) when it is not the stored one any more. */
  readonly ifVersion?: number | undefined
}
