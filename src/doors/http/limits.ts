// Every bound of the front door, with its name and default. What an operator may change is in RestLimits.

const KIB = 1_024
const MIB = 1_024 * KIB

export type RestLimits = {
  readonly bodyBytesMax: number
  /** Of requests that carry many jobs. */
  readonly batchBodyBytesMax: number
  /** Requests a minute for each key, or each address where no key is shown; 0: no limit. */
  readonly requestsPerMinute: number
  /** Wrong or missing keys a minute from one address; then only what was valid before is looked at. 0: no limit. */
  readonly authFailuresPerMinute: number
  /** Is a change without If-Match refused, where there are versions? */
  readonly requireIfMatch: boolean
  /** Callers that follow live events at the same time; as many again may follow logs. */
  readonly eventsClientsMax: number
  readonly connectionsMax: number
}

export const REST_LIMITS: RestLimits = {
  bodyBytesMax: MIB,
  batchBodyBytesMax: 32 * MIB,
  requestsPerMinute: 60_000,
  authFailuresPerMinute: 600,
  requireIfMatch: false,
  eventsClientsMax: 500,
  /** Ten thousand long polls, and whoever else comes. */
  connectionsMax: 12_000,
}

export const HTTP_SERVER_LIMITS = {
  /** Request line and headers together. */
  headerBytesMax: 16 * KIB,
  headersMax: 100,
  urlBytesMax: 8 * KIB,
  /** From the first byte of a request to the end of its headers. */
  headersTimeoutMs: 10_000,
  /** From the first byte of a request to its last. */
  requestTimeoutMs: 60_000,
  /** Without a byte in either direction: whoever does not read its answer is let go. Streams say something more often. */
  stalledTimeoutMs: 120_000,
  /** How often it is looked whether one of the two is over. */
  timeoutCheckMs: 1_000,
  keepAliveTimeoutMs: 72_000,
  /** A server that closes cuts off after so long who has not taken its answer. */
  closeGraceMs: 10_000,
  /** For a connection on which nothing was sent, when the server stops. */
  silentGraceMs: 500,
  /** Where nobody has to show a key: what says who one is, or wants to be, is short. */
  openBodyBytesMax: 16 * KIB,
  requestIdMax: 128,
  idempotencyKeyMax: 255,
  queryTextMax: 512,
  /** Callers whose rate is remembered; the longest silent one is forgotten first. */
  callersMax: 20_000,
} as const

export type JsonLimits = {
  readonly depthMax: number
  /** Keys of one object. */
  readonly keysMax: number
  /** Values in the whole document: members, elements, the document itself. */
  readonly valuesMax: number
}

export const JSON_LIMITS: JsonLimits = { depthMax: 64, keysMax: 10_000, valuesMax: 100_000 }
export const BATCH_JSON_LIMITS: JsonLimits = { ...JSON_LIMITS, valuesMax: 2_000_000 }

export const EVENT_STREAM_LIMITS = {
  heartbeatMs: 15_000,
  /** Whether whoever follows still may is asked so often: what was revoked is over within five seconds. */
  recheckMs: 4_000,
  /** Bytes written that the client has not taken yet. */
  unsentBytesMax: MIB,
  /** A client that takes nothing for so long is let go. */
  stalledMs: 30_000,
  typesMax: 50,
} as const
