// An agent, its spool and the commands of a server together, on a clock held by hand: what is held is never taken for what
// never arrived.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AgentLife } from '../../src/agent/agent-life.ts'
import type { AgentLine } from '../../src/agent/agent-line.ts'
import { ResultSpool } from '../../src/agent/result-spool.ts'
import { beat, leaseForSession } from '../../src/commands/agent-work.ts'
import { createJob } from '../../src/commands/create-job.ts'
import { triggerJob } from '../../src/commands/trigger-job.ts'
import type { Principal } from '../../src/domain/api-key.ts'
import { localLine } from '../../src/main/local-line.ts'
import type { Work } from '../../src/ports/work.ts'
import { type House, openHouse } from '../rest/house.ts'
import { Folder } from '../support/folder.ts'

const ADMIN: Principal = { id: 'key_1', name: 'admin', scopes: ['admin'], projectIds: null }
const LONG_MS = 60_000

async function agentLine(house: House): Promise<{ line: AgentLine; who: Principal }> {
  const { store, clock } = house
  const agent = await store.agents.ensure({
    id: 'agt_1',
    name: 'one',
    keyId: 'agt_1',
    granted: {},
    projectIds: null,
    version: '1',
    hostname: 'h',
    createdAt: clock.now(),
  })
  const who: Principal = { id: 'agt_1', name: 'one', scopes: ['agent'], projectIds: null }
  return { line: localLine(house.ctx, agent!), who }
}

async function trigger(house: House): Promise<string> {
  const target = { command: { argv: ['x'] } }
  const policy = { delivery: 'at_most_once' as const }
  await createJob(house.ctx, ADMIN, { name: 'job', schedule: {}, target, policy } as never)
  return (await triggerJob(house.ctx, ADMIN, { idOrName: 'job' }, {})).run.id
}

class Process {
  readonly taken: Work[] = []
  readonly life: AgentLife

  constructor(line: AgentLine, folder: string, { clock }: House) {
    this.life = new AgentLife({
      line,
      clock,
      spool: new ResultSpool(folder),
      about: { hostname: 'h', pid: 1, version: '1', labels: {}, slots: 4 },
      nudge: { beat() {}, poll() {} },
      onOpen: () => undefined,
      onEnd: () => undefined,
    })
    this.life.connect({
      free: () => 4,
      take: (works) => this.taken.push(...works),
      drop: () => undefined,
      dropAttempts: () => undefined,
      setDraining: () => undefined,
      holding: () => this.taken.map(({ run }) => ({ runId: run.id, fence: run.fence })),
    })
  }
}

/** Time passes, with the sessions kept. */
async function pass({ clock, store }: House, ms: number): Promise<void> {
  clock.advance(ms)
  await store.agents.spare(clock.now(), 30_000)
}

test('what an agent did while the server was away counts, though the agent was killed before it could tell', async () => {
  using folder = new Folder()
  await using house = await openHouse()
  const { line } = await agentLine(house)
  const runId = await trigger(house)
  const away: AgentLine = { ...line, report: () => Promise.reject(new Error('nobody answers')) }
  const first = new Process(away, folder.file('results'), house)
  await first.life.beatTick()
  await first.life.pollTick()
  const [work] = first.taken
  assert.equal(work?.run.id, runId)
  const completion = { work: work!, outcome: { kind: 'ok' } as const, endedAt: house.clock.now() }
  await assert.rejects(first.life.report([completion]), /nobody answers/)
  await pass(house, LONG_MS)
  const second = new Process(line, folder.file('results'), house)
  await second.life.beatTick()
  const run = await house.store.runs.get(runId)
  assert.equal(run?.status, 'succeeded')
  assert.deepEqual(
    (await house.store.runs.attempts(runId)).map(({ outcome }) => outcome),
    ['ok'],
  )
})

test('what is leased while a beat is being answered was not there to be named by it', async () => {
  await using house = await openHouse()
  const { line, who } = await agentLine(house)
  const runId = await trigger(house)
  const { sessionId } = await line.open({
    hostname: 'h',
    pid: 1,
    version: '1',
    labels: {},
    slots: 4,
    held: [],
  })
  const { agents } = house.store
  const works = agents.works.bind(agents)
  // A store that answers late.
  agents.works = async (held) => {
    const request = { sessionId, slots: 1, stopping: [], waitMs: 0 }
    const leased = await leaseForSession(house.ctx, who, request, new AbortController().signal)
    assert.equal(leased.works.length, 1)
    await pass(house, LONG_MS)
    return works(held)
  }
  await beat(house.ctx, who, sessionId, [])
  assert.equal((await house.store.runs.get(runId))?.status, 'running')
  agents.works = works
  await pass(house, LONG_MS)
  await beat(house.ctx, who, sessionId, [])
  const [attempt] = await house.store.runs.attempts(runId)
  assert.equal(attempt?.outcome, 'lost', 'what never arrived is found out all the same')
})
