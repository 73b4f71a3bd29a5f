// More labels than one step looks at, which no agent has: whoever serves another pool gets its work all the same.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSessionOf } from '../../src/commands/agent-session.ts'
import { leaseForSession } from '../../src/commands/agent-work.ts'
import { createJobs } from '../../src/commands/create-jobs.ts'
import { POOLS_MAX } from '../../src/commands/lease-pools.ts'
import { triggerJob } from '../../src/commands/trigger-job.ts'
import type { Principal } from '../../src/domain/api-key.ts'
import { Porter } from '../../src/engine/porter.ts'
import { type House, openHouse } from '../rest/house.ts'

const ADMIN: Principal = { id: 'key_1', name: 'admin', scopes: ['admin'], projectIds: null }
const AGENT: Principal = { id: 'agt_1', name: 'one', scopes: ['agent'], projectIds: null }
const ABOUT = { hostname: 'h', pid: 1, version: '1', labels: { role: 'there' }, slots: 4, held: [] }

async function waitFor(house: House, roles: readonly string[]): Promise<string> {
  const drafts = roles.map((role) => {
    const target = { command: { argv: ['x'], on: { labels: { role } } } }
    return { name: `for-${role}`, schedule: {}, target }
  })
  await createJobs(house.ctx, ADMIN, drafts, 'whole')
  let last = ''
  for (const { name } of drafts) {
    last = (await triggerJob(house.ctx, ADMIN, { idOrName: name }, {})).run.id
  }
  return last
}

async function session(house: House): Promise<string> {
  const agent = await house.store.agents.ensure({
    ...{ id: AGENT.id, name: 'one', keyId: AGENT.id, granted: {}, projectIds: null },
    ...{ hostname: 'h', version: '1', createdAt: house.clock.now() },
  })
  return (await openSessionOf(house.ctx, agent!, ABOUT)).sessionId
}

const nobody = Array.from({ length: POOLS_MAX + 1 }, (_, n) => `nobody-${n}`)

test('what lies behind a thousand pools nobody serves is leased', async () => {
  await using house = await openHouse()
  const runId = await waitFor(house, [...nobody, 'there'])
  const request = { sessionId: await session(house), slots: 4, stopping: [], waitMs: 0 }
  const { works } = await leaseForSession(house.ctx, AGENT, request, new AbortController().signal)
  assert.deepEqual(
    works.map(({ run }) => run.id),
    [runId],
  )
})

test('who waits is woken for it, a step at a time', async () => {
  await using house = await openHouse()
  const sessionId = await session(house)
  await waitFor(house, nobody)
  const request = { sessionId, slots: 4, stopping: [], waitMs: 20_000 }
  const poll = leaseForSession(house.ctx, AGENT, request, new AbortController().signal)
  while (house.ctx.waiting.size === 0) await new Promise(setImmediate)
  const runId = await waitFor(house, ['there'])
  const porter = new Porter(house.ctx)
  assert.ok(((await porter.tick()) ?? 99_999) < 1_000, 'there is more to look at')
  assert.equal(house.ctx.waiting.size, 1)
  await porter.tick()
  assert.deepEqual(
    (await poll).works.map(({ run }) => run.id),
    [runId],
  )
})
