// Messages: what is published to the bus for a run, and who says that the run is done.

export type MessageTarget = {
  /** Published to this exchange, with `routingKey`. Either this or `queue`, or neither with a `protocol`. */
  readonly exchange?: string
  /** Straight to this queue. */
  readonly queue?: string
  /** Facts of the run are filled in, as in the body. Default: empty. */
  readonly routingKey?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Text goes out as it stands, any other JSON value as JSON. Default: the facts of the run. */
  readonly body?: unknown
  /** `confirm` (default): done when the bus has it. `status`: done when its worker says so. */
  readonly finish?: 'confirm' | 'status'
  /** With `status`: no worker has begun so long after it was published, and the attempt is lost. */
  readonly startTimeout?: string
  /** Exchanges, queues and bodies as another system has them. */
  readonly protocol?: 'simple-scheduler'
}

export const MESSAGE_LIMITS = {
  /** Of a name or a key, as AMQP has it. */
  nameBytesMax: 255,
  headersMax: 100,
  headerBytesMax: 16_384,
  bodyBytesMax: 1_048_576,
} as const

/** The longest name of a job of Simple Scheduler: exchanges and queues are named after it. */
export const SIMPLE_NAME_BYTES_MAX =
  MESSAGE_LIMITS.nameBytesMax - 'scheduler.job.'.length - '.heartbeat'.length

/** Does someone else end the attempts of this target? */
export function finishesByStatus({ finish, protocol }: MessageTarget): boolean {
  return finish === 'status' || protocol !== undefined
}

/** Of a message that is not long: it costs no connection, only the wait for its confirmation. */
const SHARE = 1 / 8
const SHARED_BYTES_MAX = 16_384

const shares = new WeakMap<MessageTarget, number>()

/** The share of a slot that one run takes. */
export function messageShare(target: MessageTarget): number {
  const known = shares.get(target)
  if (known !== undefined) return known
  const { body } = target
  const bytes = body === undefined ? 0 : typeof body === 'string' ? body.length : JSON.stringify(body).length
  const share = bytes > SHARED_BYTES_MAX ? 1 : SHARE
  shares.set(target, share)
  return share
}
