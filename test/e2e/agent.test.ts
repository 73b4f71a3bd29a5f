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

test('a command says how far it is, by a line or by the command line, and others see it', {
  skip,
}, async () => {
  using folder = new Folder()
  await using server = await ServerProcess.start({ dataDir: folder.file('data') })
  const { client, url } = server
  const { secret } = await client.agents.createToken({})
  const about = { server: url, name: 'teller', dataDir: folder.file('agent'), token: secret }
  await using _ = await AgentProcess.start(about)
  const shell = `echo '{"progress":0.25,"message":"250 of 1000","extend":"1h"}' >> "$CARILLON_BEAT"
    until [ -e ${folder.file('seen')} ]; do sleep 0.1; done`
  const policy = { timeout: '30s', heartbeatTimeout: '20s' }
  await client.jobs.create({ name: 'tells', schedule: {}, target: { command: { shell } }, policy })
  const { id } = await client.jobs.trigger('tells')
  const told = await until('the server knows how far it is', 10_000, async () => {
    return (await client.runs.get(id)).attempts[0]?.told ?? null
  })
  assert.deepEqual([told.progress, told.message], [0.25, '250 of 1000'])
  // An hour from when it was said, which was some seconds ago at most.
  const givenMs = Date.parse(told.endsBy!) - Date.parse(told.at)
  assert.ok(givenMs > 3_580_000 && givenMs <= 3_600_000, String(givenMs))
  writeFileSync(folder.file('seen'), '')
  const run = await client.runs.wait(id, { timeoutMs: 10_000 })
  assert.deepEqual([run.status, run.attempts[0]?.told], ['succeeded', null])

  // Its program is there, and answers; only it says nothing.
  const silent = { shell: 'while :; do echo busy; sleep 0.1; done' }
  const strict = { heartbeatTimeout: '1s', retry: { max: 0 }, delivery: 'at_most_once' } as const
  await client.jobs.create({ name: 'mute', schedule: {}, target: { command: silent }, policy: strict })
  const lost = await client.runs.wait((await client.jobs.trigger('mute')).id, { timeoutMs: 20_000 })
  const [attempt] = lost.attempts
  assert.deepEqual([lost.status, attempt?.outcome, attempt?.process?.signal], ['unknown', 'lost', 'SIGTERM'])
})
