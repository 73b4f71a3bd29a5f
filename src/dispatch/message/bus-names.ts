// Where workers on the bus report, where they hear that a run is to stop, and where what nobody can use ends up.

import type { Topology } from '../../ports/message-bus.ts'

export const STATUS_QUEUE = 'carillon.status'
export const STOP_EXCHANGE = 'carillon.stop'
export const DEAD_QUEUE = 'carillon.dead'

/** Above this the oldest dead letters are dropped. */
export const DEAD_LETTERS_MAX = 100_000

const DEAD = { name: DEAD_QUEUE, messagesMax: DEAD_LETTERS_MAX }

export const DEAD_TOPOLOGY: Topology = { queues: [DEAD] }

export const STATUS_TOPOLOGY: Topology = {
  exchanges: [{ name: STOP_EXCHANGE, type: 'topic' }],
  queues: [{ name: STATUS_QUEUE }, DEAD],
}
