// What must hold when an agent, its server or the road between them goes: no orphan, no second start under one fence, no
// lost result, and late news that changes nothing.

import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { readFrames } from '../../src/domain/log/log-frame.ts'
import type { CarillonClient, RunDetail } from '../../src/sdk/index.ts'
import { TcpProxy } from '../cluster/proxy/tcp-proxy.ts'
import { AgentProcess, processesWith } from '../support/agent-process.ts'
import { Folder } from '../support/folder.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const LEASE = ['--agent-lease', '3s', '--poll-interval', '200ms']
const skip = process.platform === 'linux' ? false : 'looks for processes in /proc'

async function tokenOf(client: CarillonClient): Promise<string> {
  return (await client.agents.createToken({})).secret
}

async function trigger(
  client: CarillonClient,
  name: string,
  shell: string,
  more: object = {},
): Promise<string> {
  const policy = { retry: { max: 0 }, ...more }
  await client.jobs.create({ name, schedule: {}, target: { command: { shell } }, policy })
  return (await client.jobs.trigger(name)).id
}

const running = (client: CarillonClient, id: string): Promise<RunDetail> =>
  until('it runs', 15_000, async () => {
    const run = await client.runs.get(id)
    return run.status === 'running' ? run : null
  })

/** What the process wrote, from the sealed log. */
function writtenBy(dataDir: string, runId: string, attempt = 1): string {
  const sealed = readFileSync(`${dataDir}/blobs/logs/${runId}/${attempt}.0.log`)
  const parts: Uint8Array[] = []
  try {
    for (const frame of readFrames(sealed)) parts.push(frame.bytes)
  } catch {
    // Behind the frames lies the index.
  }
  return Buffer.concat(parts).toString()
}

test('kill -9 of an agent: nothing of it goes on, and another agent does the work', { skip }, async () => {
  using folder = new Folder()
  await using server = await ServerProcess.start({ dataDir: folder.file('data'), args: LEASE })
  const { client, url } = server
  const first = { server: url, name: 'first', dataDir: folder.file('first') }
  await using doomed = await AgentProcess.start({ ...first, token: await tokenOf(client) })
  const word = `${7_000 + process.pid}.25`
  const shell = `echo $CARILLON_FENCE >> ${folder.file('starts')}; test $CARILLON_ATTEMPT = 2 || sleep ${word}`
  const runId = await trigger(client, 'long', shell)
  await running(client, runId)
  await until('the command sleeps', 10_000, () => processesWith(word).length > 0)
  await using _second = await AgentProcess.start({
    server: url,
    name: 'second',
    dataDir: folder.file('second'),
    token: await tokenOf(client),
  })
  await doomed.kill()
  await until('no process is left', 5_000, () => processesWith(word).length === 0)
  const run = await client.runs.wait(runId, { timeoutMs: 30_000 })
  assert.equal(run.status, 'succeeded')
  assert.deepEqual(
    run.attempts.map(({ agent, outcome, cause }) => [agent, outcome, cause]),
    [
      ['first', 'lost', 'first'],
      ['second', 'ok', 'node_lost'],
    ],
  )
  assert.equal(readFileSync(folder.file('starts'), 'utf8'), '1\n2\n')
  await using again = await AgentProcess.start(first)
  assert.match(again.log, /"agent":"first"/, 'it comes in again without a token')
})

test('kill -9 of the server: the command goes on, and its result and every byte of its output arrive', {
  skip,
}, async () => {
  using folder = new Folder()
  const dataDir = folder.file('data')
  const before = await ServerProcess.start({ dataDir, args: LEASE })
  const listen = new URL(before.url).host
  await using agent = await AgentProcess.start({
    server: before.url,
    name: 'one',
    dataDir: folder.file('one'),
    token: await tokenOf(before.client),
  })
  const go = folder.file('go')
  const count = 'i=0; while [ $i -lt 400 ]; do echo "line $i of a log"; i=$((i+1)); done'
  const shell = `echo x >> ${folder.file('starts')}; ${count}; while [ ! -e ${go} ]; do sleep 0.05; done; ${count}`
  const runId = await trigger(before.client, 'long', shell)
  await running(before.client, runId)
  await until('it has begun', 10_000, () => existsSync(folder.file('starts')))
  await before.kill()
  // Its second half is written while no server is there.
  writeFileSync(go, '')
  await until('the result waits on the disk of the agent', 20_000, () =>
    readdirSync(`${folder.file('one')}/results`).some((name) => name.endsWith('.json')),
  )
  await using server = await ServerProcess.start({ dataDir, listen, args: LEASE })
  const run = await server.client.runs.wait(runId, { timeoutMs: 30_000 })
  assert.equal(run.status, 'succeeded', agent.log)
  assert.deepEqual(
    run.attempts.map(({ outcome }) => outcome),
    ['ok'],
  )
  assert.equal(readFileSync(folder.file('starts'), 'utf8'), 'x\n')
  const half = Array.from({ length: 400 }, (_, n) => `line ${n} of a log\n`).join('')
  await until('its log is sealed', 20_000, () => existsSync(`${dataDir}/blobs/logs/${runId}/1.0.log`))
  assert.equal(writtenBy(dataDir, runId), half + half)
})

test('an agent that was stopped for longer than its lease: its late news is evidence, and changes nothing', {
  skip,
}, async () => {
  using folder = new Folder()
  await using server = await ServerProcess.start({ dataDir: folder.file('data'), args: LEASE })
  const { client, url } = server
  await using agent = await AgentProcess.start({
    server: url,
    name: 'one',
    dataDir: folder.file('one'),
    token: await tokenOf(client),
  })
  const shell = `echo x >> ${folder.file('starts')}; sleep 1`
  const runId = await trigger(client, 'long', shell, { delivery: 'at_most_once' })
  await until('it has begun', 10_000, () => existsSync(folder.file('starts')))
  agent.signal('SIGSTOP')
  const lost = await client.runs.wait(runId, { timeoutMs: 20_000 })
  assert.equal(lost.status, 'unknown')
  agent.signal('SIGCONT')
  const run = await until('the late result has arrived', 20_000, async () => {
    const now = await client.runs.get(runId)
    return now.attempts[0]?.late == null ? null : now
  })
  assert.equal(run.status, 'unknown')
  assert.deepEqual(
    [run.attempts.length, run.attempts[0]?.outcome, run.attempts[0]?.late?.outcome],
    [1, 'lost', 'ok'],
  )
  assert.equal(readFileSync(folder.file('starts'), 'utf8'), 'x\n')
})

test('the road is cut for longer than the lease: what was begun elsewhere meanwhile is the only one that counts', {
  skip,
}, async () => {
  using folder = new Folder()
  await using server = await ServerProcess.start({ dataDir: folder.file('data'), args: LEASE })
  const { client, url } = server
  const { hostname, port } = new URL(url)
  await using proxy = await TcpProxy.start({ host: hostname, port: Number(port) })
  await using far = await AgentProcess.start({
    server: `http://127.0.0.1:${proxy.port}`,
    name: 'far',
    dataDir: folder.file('far'),
    token: await tokenOf(client),
  })
  const word = `${8_000 + process.pid}.5`
  const shell = `test $CARILLON_ATTEMPT = 2 || sleep ${word}`
  const runId = await trigger(client, 'long', shell)
  await until('the command sleeps', 10_000, () => processesWith(word).length > 0)
  proxy.silence()
  await using _near = await AgentProcess.start({
    server: url,
    name: 'near',
    dataDir: folder.file('near'),
    token: await tokenOf(client),
  })
  const run = await client.runs.wait(runId, { timeoutMs: 30_000 })
  assert.deepEqual(
    run.attempts.map(({ agent, outcome }) => [agent, outcome]),
    [
      ['far', 'lost'],
      ['near', 'ok'],
    ],
  )
  proxy.heal()
  proxy.reset()
  await until(
    'the far one has stopped what is no longer its own',
    20_000,
    () => processesWith(word).length === 0,
  )
  assert.equal((await client.runs.get(runId)).status, 'succeeded')
  assert.ok(far.log.length > 0)
})

test('two agents with one identity: the newer counts, the older stops and says why', { skip }, async () => {
  using folder = new Folder()
  await using server = await ServerProcess.start({ dataDir: folder.file('data'), args: LEASE })
  const { client, url } = server
  const options = { server: url, name: 'one', dataDir: folder.file('one') }
  await using older = await AgentProcess.start({ ...options, token: await tokenOf(client) })
  mkdirSync(folder.file('clone'))
  cpSync(`${options.dataDir}/agent.json`, `${folder.file('clone')}/agent.json`)
  await using _newer = await AgentProcess.start({ ...options, dataDir: folder.file('clone') })
  await until('it has ended', 20_000, () => older.exitCode !== null)
  assert.equal(older.exitCode, 1)
  assert.match(older.log, /Another session of this agent was opened after this one/)
})
