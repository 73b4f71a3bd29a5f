// What the thread that sends requests is made of: the dispatcher that tests use directly, behind a port.

import { parentPort, workerData } from 'node:worker_threads'
import { LeaseCell } from '../adapters/system/lease-cell.ts'
import { createSystemChance } from '../adapters/system/system-chance.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import { createHttpDispatcher } from '../dispatch/http-dispatcher.ts'
import { ProjectGuards } from '../dispatch/project-guards.ts'
import { serveOrders } from '../dispatch/thread/serve-orders.ts'
import type { HttpThreadSettings } from './start-http-thread.ts'

const { addresses, userAgent, connectionsPerOrigin, lease } = workerData as HttpThreadSettings
const cell = new LeaseCell(lease)
const guards = new ProjectGuards(addresses)
const dispatcher = createHttpDispatcher({
  clock: systemClock,
  chance: createSystemChance(systemClock.now),
  guard: guards.plain,
  guardOf: (rules) => guards.of(rules),
  userAgent,
  connectionsPerOrigin,
  mayLeave: () => cell.holds(),
})
serveOrders(parentPort!, dispatcher, systemClock)
