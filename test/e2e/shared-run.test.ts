// A run that several agents share, with a server and agents as processes of their own: one part for each, an agent that
// dies in the middle of its part, and shares that say which of how many they are.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AgentProcess, processesWith } from '../support/agent-process.ts'
import { Folder } from '../support/folder.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const skip = process.platform === 'linux' ? false : 'looks for processes in /proc'

test('all agents, one of them killed on the way; then shares over those that are left', {
  skip,
}, async () => {
  using folder = new Folder()
  await using server = await ServerProcess.start({ dataDir: folder.file('data') })
  const { client, url } = server
  const start = async (name: string, token?: string): Promise<AgentProcess> => {
    const dataDir = folder.file(name)
    const joined = token === undefined ? {} : { token }
    return AgentProcess.start({ server: url, name, dataDir, ...joined, args: ['--labels', 'role=db'] })
  }
  const token = async (): Promise<string> =>
    (await client.agents.createToken({ labels: { role: 'db' } })).secret
  await using one = await start('one', await token())
  await using two = await start('two', await token())
  await using three = await start('three', await token())
  void one
  void three

  const word = `${7_000 + process.pid}.25`
  const shell = `echo "part $CARILLON_INDEX of $CARILLON_TOTAL"; if [ $CARILLON_ATTEMPT -le 3 ]; then sleep 1; [ $CARILLON_INDEX = 2 ] && sleep ${word}; fi; true`
  const on = { all: true, labels: { role: 'db' } } as const
  await client.jobs.create({ name: 'everywhere', schedule: {}, target: { command: { shell, on } } })
  const { id } = await client.jobs.trigger('everywhere')
  // Parts are numbered by the names of the agents: one, three, two.
  await until('the last part sleeps', 20_000, () => processesWith(word).length > 0)
  const others = await until('the others are done', 20_000, async () => {
    const { parts } = await client.runs.get(id)
    return parts.filter(({ status }) => status === 'succeeded').length === 2 ? parts : null
  })
  assert.deepEqual(
    others.map(({ index, agent, status }) => [index, agent, status]),
    [
      [0, 'one', 'succeeded'],
      [1, 'three', 'succeeded'],
      [2, 'two', 'running'],
    ],
  )
  await two.kill()
  await until('nothing of it is left', 10_000, () => processesWith(word).length === 0)
  await using again = await start('two')
  void again
  const done = await client.runs.wait(id, { timeoutMs: 60_000 })
  assert.equal(done.status, 'succeeded', JSON.stringify(done, null, 1))
  const detail = await client.runs.get(id)
  assert.deepEqual(
    detail.attempts.map(({ part, agent, cause, outcome }) => [part, agent, cause, outcome]).sort(),
    [
      [0, 'one', 'first', 'ok'],
      [1, 'three', 'first', 'ok'],
      [2, 'two', 'first', 'lost'],
      [2, 'two', 'node_lost', 'ok'],
    ],
  )
  for (const [index] of detail.parts.entries()) {
    const { items } = await client.logs.read(id, { part: index })
    assert.equal(items[0]?.text, `part ${index} of 3`)
  }
  const outputs = detail.attempts
    .filter(({ outcome }) => outcome === 'ok')
    .map(({ process }) => process?.output)
  assert.deepEqual(outputs.sort(), ['part 0 of 3\n', 'part 1 of 3\n', 'part 2 of 3\n'])

  const shares = { command: { shell: 'echo $CARILLON_INDEX/$CARILLON_TOTAL; sleep 0.3', on: { shard: 7 } } }
  await client.jobs.create({ name: 'shares', schedule: {}, target: shares })
  const shared = await client.jobs.trigger('shares')
  assert.equal((await client.runs.wait(shared.id, { timeoutMs: 30_000 })).status, 'succeeded')
  const { attempts } = await client.runs.get(shared.id)
  assert.deepEqual(
    attempts.map(({ process }) => process?.output.trim()).sort(),
    Array.from({ length: 7 }, (_, n) => `${n}/7`),
  )
  assert.ok(new Set(attempts.map(({ agent }) => agent)).size > 1, 'all on one agent')

  const sleeper = `${7_001 + process.pid}.5`
  const long = { command: { argv: ['sleep', sleeper], on } }
  await client.jobs.create({ name: 'long', schedule: {}, target: long })
  const cancelled = await client.jobs.trigger('long')
  await until('it sleeps on all three', 20_000, async () => {
    const { parts } = await client.runs.get(cancelled.id)
    return (
      parts.filter(({ status }) => status === 'running').length === 3 && processesWith(sleeper).length >= 3
    )
  })
  await client.runs.cancel(cancelled.id)
  assert.equal((await client.runs.wait(cancelled.id, { timeoutMs: 20_000 })).status, 'cancelled')
  assert.equal(processesWith(sleeper).length, 0)
})
