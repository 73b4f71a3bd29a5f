// What an agent of taskscheduler is made of: it accepts tasks, carries them out by its own clock, and tells their server.

import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { lockDataDir } from '../adapters/sqlite/data-dir-lock.ts'
import { createSystemChance } from '../adapters/system/system-chance.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import type { LocalPolicy } from '../agent/local-policy.ts'
import { ReportLine } from '../agent/taskscheduler/report-line.ts'
import { TaskKeeper } from '../agent/taskscheduler/task-keeper.ts'
import { TaskListener } from '../agent/taskscheduler/task-listener.ts'
import { runTask, TaskOutputs } from '../agent/taskscheduler/task-runner.ts'
import { createAddressGuard } from '../dispatch/address-guard.ts'
import { createCallbackNotifier } from '../dispatch/callback-notifier.ts'
import { uuidOf } from '../doors/compat/uuid.ts'
import { openHands } from './agent-hands.ts'
import type { Address } from './config/config.ts'
import { formatAddress } from './config/kinds.ts'
import type { Logger } from './logger.ts'
import { callersOf } from './taskscheduler-callers.ts'
import { userAgent } from './version.ts'

export type TaskschedulerAgentConfig = {
  readonly server: string
  readonly listen: Address
  /** Addresses and CIDR blocks that may call, besides this machine. */
  readonly callers: readonly string[]
  readonly dataDir: string
  readonly policy: LocalPolicy
}

export async function startTaskschedulerAgent(
  config: TaskschedulerAgentConfig,
  logger: Logger,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  await using parts = new AsyncDisposableStack()
  const clock = systemClock
  const chance = createSystemChance(clock.now)
  const dataDir = resolve(config.dataDir)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  parts.use(lockDataDir(dataDir))
  const outputs = new TaskOutputs()
  const noScripts = async () => null
  const nobodyAsks = (): void => {}
  const { openLog } = outputs
  const { policy } = config
  const hands = parts.use(
    await openHands({ clock, dataDir, policy, openLog, fetchScript: noScripts, onNews: nobodyAsks }),
  )
  // It speaks with the one server that its owner has named, wherever that is.
  const guard = createAddressGuard({ allowPrivate: true, allow: [], deny: [] })
  const notifier = parts.use(createCallbackNotifier({ clock, guard, userAgent }))
  const agentId = uuidOf(chance.hex(16))
  const line = parts.use(
    new ReportLine({
      clock,
      chance,
      notifier,
      server: config.server,
      agentId,
      onError: (message) => logger.warn(message),
    }),
  )
  const runner = { clock, chance, dispatcher: hands.dispatcher, outputs }
  const keeper = parts.use(
    new TaskKeeper({
      clock,
      file: join(dataDir, 'tasks.json'),
      carryOut: async (task, signal) => {
        try {
          const output = await runTask(runner, task, signal)
          if (output !== null) line.tell(task.task_id, output)
        } catch (error) {
          logger.error({ err: error, task: task.task_id }, 'task')
        }
      },
    }),
  )
  const listener = parts.use(
    new TaskListener({
      callers: callersOf(config.callers),
      accept: (task) => keeper.accept(task),
      onError: (error) => logger.error({ err: error }, 'request failed'),
    }),
  )
  const { address, port } = await listener.listen(config.listen)
  const url = `http://${formatAddress({ host: address, port })}`
  logger.info(
    { url, agent: agentId, server: new URL(config.server).origin, tasks: keeper.size },
    'tasks are taken',
  )
  const kept = parts.move()
  return { url, stop: () => kept.disposeAsync() }
}
