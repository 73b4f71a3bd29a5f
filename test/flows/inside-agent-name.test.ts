// Servers that are called alike, on one store.

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { openSessionOf } from '../../src/commands/agent-session.ts'
import type { Agent } from '../../src/domain/agent.ts'
import type { Config } from '../../src/main/config/config.ts'
import { openInsideAgent } from '../../src/main/inside-agent.ts'
import { ensureInsideAgent } from '../../src/main/inside-agent-name.ts'
import type { Logger } from '../../src/main/logger.ts'
import { type House, openHouse } from '../rest/house.ts'
import { Folder } from '../support/folder.ts'
import { until } from '../support/until.ts'

async function start(house: House, dataDir: string, sole = false): Promise<Agent> {
  mkdirSync(dataDir, { recursive: true })
  const agent = await ensureInsideAgent(house.ctx, { nodeName: 'node 1', dataDir, sole })
  assert.ok(agent)
  const about = { hostname: 'h', pid: 1, version: '1', labels: {}, slots: 1, held: [] }
  await openSessionOf(house.ctx, agent, about)
  return agent
}

test('each of them has an agent of its own, and finds it again', async () => {
  using folder = new Folder()
  await using house = await openHouse()
  const first = await start(house, folder.file('a'))
  const second = await start(house, folder.file('b'))
  assert.deepEqual([first.name, second.name], ['node-1', 'node-1-2'])
  // Killed and started again while its session still counts: what it holds is its own.
  assert.equal((await start(house, folder.file('b'))).id, second.id)
  assert.equal((await start(house, folder.file('a'))).id, first.id)
})

test('a name whose server is gone is free; where there is one server only, it is its own', async () => {
  using folder = new Folder()
  await using house = await openHouse()
  const first = await start(house, folder.file('a'))
  assert.equal((await start(house, folder.file('b'), true)).id, first.id)
  house.clock.advance(house.ctx.limits.agentLeaseMs + 1)
  assert.equal((await start(house, folder.file('c'))).id, first.id)
})

test('a server whose agent was superseded says that it carries out no commands any more', async () => {
  using folder = new Folder()
  await using house = await openHouse()
  const errors: string[] = []
  const logger = { error: (text: string) => errors.push(text), warn() {} } as unknown as Logger
  const config = { agentSlots: 1, dataDir: folder.path, nodeName: 'node', drainTimeoutMs: 0 } as Config
  await using inside = await openInsideAgent(house.ctx, config, logger, true)
  inside!.start()
  const { agents } = house.store
  await until('it has a session and waits for work', 5_000, () => house.ctx.waiting.size > 0)
  const about = { hostname: 'h', pid: 1, version: '1', labels: {}, slots: 1, held: [] }
  await openSessionOf(house.ctx, (await agents.byName('node'))!, about)
  await until('it is said', 5_000, () => errors.length > 0)
  assert.match(errors[0]!, /inside this server, node, has ended.*Another session/)
})
