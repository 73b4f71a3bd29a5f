// The message bus of a server: what is published to it, and what comes in.

import { refusalOnBus } from '../commands/bus-name.ts'
import type { Context } from '../commands/context.ts'
import { MessageDispatcher } from '../dispatch/message/message-dispatcher.ts'
import { noBus } from '../dispatch/message/no-bus.ts'
import type { Dispatcher, StopTeller } from '../ports/dispatcher.ts'
import type { Lease } from '../ports/lease.ts'
import { BusIntake } from './bus-intake.ts'
import type { Config } from './config/config.ts'
import { type BusFigures, countedBus } from './counted-bus.ts'
import type { Logger } from './logger.ts'
import { openBus } from './open-bus.ts'

export type ServerBus = AsyncDisposable & {
  readonly dispatcher: Dispatcher
  readonly stopTeller?: StopTeller
  /** Absent: there is no bus. */
  readonly figures?: BusFigures
  /** Begins to take what comes in. */
  start(): void
}

export async function openServerBus(
  ctx: Context,
  config: Config,
  membership: Lease,
  logger: Logger,
): Promise<ServerBus> {
  if (config.bus === null) {
    return { dispatcher: noBus, start() {}, async [Symbol.asyncDispose]() {} }
  }
  const { clock, chance } = ctx
  const onError = (where: string, error: unknown): void => logger.warn({ err: error }, where)
  const bus = countedBus(
    await openBus({
      url: config.bus,
      password: config.busPassword,
      clock,
      chance,
      connectionName: `carillon ${config.nodeName}`,
      onError,
    }),
  )
  let intake: BusIntake | null = null
  const dispatcher = new MessageDispatcher({
    bus,
    clock,
    mayLeave: () => membership.holds(),
    onSimple: (jobId, jobName) => intake?.publishes(jobId, jobName),
    refusal: (run) => refusalOnBus(ctx, run),
  })
  return {
    dispatcher,
    figures: { ...bus.figures, jobs: () => intake?.jobs ?? 0 },
    stopTeller: {
      tellStop: (work, signal) => dispatcher.tellStop(work, signal),
      listening: (work) => intake?.listening(work) ?? 'deaf',
    },
    start() {
      intake = new BusIntake({
        ctx,
        bus,
        membership,
        refreshMs: config.busRefreshMs,
        jobsMax: config.busJobsMax,
        log: {
          dropped: ({ runId, says }, why) => logger.info({ runId, says }, `ignored from the bus: ${why}`),
          dead: (reason) => logger.warn(`a message from the bus is dead: ${reason}`),
        },
        onError,
        onNoRoom: (jobs) =>
          logger.error(
            { jobs },
            'these jobs of Simple Scheduler are more than bus-jobs-per-project: they get no queues',
          ),
        onLeftOver: (jobs) =>
          logger.error({ jobs }, 'no node has room for these jobs of Simple Scheduler: raise bus-jobs-max'),
      })
    },
    async [Symbol.asyncDispose]() {
      await intake?.[Symbol.asyncDispose]()
      await bus[Symbol.asyncDispose]()
    },
  }
}
