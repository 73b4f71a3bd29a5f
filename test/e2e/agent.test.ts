// An agent at its work: what its machine forbids, a stop that is asked for, output that is whole, and a clean end.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { AgentProcess, processesWith } from '../support/agent-process.ts'
import { Folder } from '../support/folder.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const skip = process.platform === 'linux' ? false : 'looks for processes in /proc'

test('the policy of the machine wins, a cancelled command stops, a stop lets what is under way end', {
  skip,
}, async () => {
  using folder = new Folder()
  await using server = await ServerProcess.start({ dataDir: folder.file('data') })
  const { client, url } = server
  writeFileSync(folder.file('policy.yaml'), 'shell: false\ndirectories: [/tmp]\n')
  const { secret } = await client.agents.createToken({ labels: { role: 'careful' } })
  await using agent = await AgentProcess.start({
    server: url,
    name: 'careful',
    dataDir: folder.file('agent'),
    token: secret,
    args: ['--policy', folder.file('policy.yaml'), '--slots', '2'],
  })
  const job = async (name: string, command: object): Promise<string> => {
    const target = { command: { ...command, on: { labels: { role: 'careful' } } } as never }
    await client.jobs.create({ name, schedule: {}, target, policy: { retry: { max: 0 } } })
    return (await client.jobs.trigger(name)).id
  }

  for (const [name, command, reason] of [
    ['by-shell', { shell: 'true' }, 'lines for a shell are off here'],
    ['as-root', { argv: ['id'], user: 'root' }, 'the user "root" is not allowed here'],
    ['elsewhere', { argv: ['pwd'], cwd: '/etc' }, 'the directory "/etc" is not allowed here'],
  ] as const) {
    const refusedId = await job(name, command)
    const refused = await until('it was refused', 10_000, async () => {
      const run = await client.runs.get(refusedId)
      return run.attempts[0]?.outcome === 'refused' ? run : null
    })
    assert.equal(refused.attempts[0]?.message, `refused by the agent: ${reason}`)
    await client.runs.cancel(refusedId)
  }

  const fine = await client.runs.wait(await job('by-argv', { argv: ['echo', '; id'], cwd: '/tmp' }), {
    timeoutMs: 10_000,
  })
  assert.deepEqual([fine.status, fine.attempts[0]?.process?.output], ['succeeded', '; id\n'])

  const word = `${9_000 + process.pid}.75`
  const longId = await job('long', { argv: ['sleep', word] })
  await until('it sleeps', 10_000, () => processesWith(word).length > 0)
  await client.runs.cancel(longId)
  const cancelled = await client.runs.wait(longId, { timeoutMs: 15_000 })
  assert.equal(cancelled.status, 'cancelled')
  assert.equal(processesWith(word).length, 0)

  const lastId = await job('last', { argv: ['sleep', '1.5'] })
  await until('it runs', 10_000, async () => (await client.runs.get(lastId)).status === 'running')
  agent.signal('SIGTERM')
  assert.equal(await agent.ended, 0, agent.log)
  const last = await client.runs.get(lastId)
  assert.deepEqual([last.status, last.attempts.map(({ outcome }) => outcome)], ['succeeded', ['ok']])
  assert.equal((await client.agents.get('careful')).status, 'away')
})
