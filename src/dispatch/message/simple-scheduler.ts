// How Simple Scheduler speaks on the bus: an exchange and three queues for each job. Its sources have one exchange, its
// document names three; here both are there and lead to the same queues, so that workers built after either work.

import type { BusAddress, Topology } from '../../ports/message-bus.ts'

export type SimpleNames = {
  readonly exchange: string
  readonly action: string
  readonly status: string
  readonly heartbeat: string
}

export function simpleNames(jobName: string): SimpleNames {
  const exchange = `scheduler.job.${jobName}`
  return {
    exchange,
    action: `${exchange}.action`,
    status: `${exchange}.status`,
    heartbeat: `${exchange}.heartbeat`,
  }
}

export function simpleTopology(jobName: string): Topology {
  const { exchange, action, status, heartbeat } = simpleNames(jobName)
  return {
    exchanges: [exchange, action, status, heartbeat].map((name) => ({ name, type: 'topic' })),
    queues: [action, status, heartbeat].map((name) => ({ name })),
    bindings: [
      { queue: action, exchange, routingKey: 'action' },
      { queue: status, exchange, routingKey: 'status' },
      { queue: heartbeat, exchange, routingKey: 'heartbeat' },
      { queue: status, exchange: status, routingKey: '#' },
      { queue: heartbeat, exchange: heartbeat, routingKey: '#' },
    ],
    relays: [{ from: action, to: exchange, routingKey: '#' }],
  }
}

/** By the documented exchange, which hands on to the one of the sources: whoever listens to either hears it once. */
export function actionAddress(jobName: string): BusAddress {
  return { exchange: simpleNames(jobName).action, routingKey: 'action' }
}

/**
 * Workers know a run by its id alone. So that a late word about an earlier attempt is not taken for one about this, a
 * further attempt goes by another id.
 */
export function simpleRunId(runId: string, attempt: number): string {
  return attempt === 1 ? runId : `${runId}.${attempt}`
}
