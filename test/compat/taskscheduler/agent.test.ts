// An agent of taskscheduler: handed its tasks over HTTP, it carries them out by its own clock and tells their server.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Folder } from '../../support/folder.ts'
import { SinkProcess } from '../../support/sink-process.ts'
import { until } from '../../support/until.ts'
import { DoorAgent } from './door-agent.ts'

const WITHIN_MS = 60_000
const SCHEDULE = '/api/v1/tasks/schedule'

type Report = {
  path: string
  body: { agent_id: string; server_id: string; stdout?: string; stderr?: string }
}

function reportsOf(sink: SinkProcess, task: string): Report['body'][] {
  const path = `/api/v1/tasks/${task}/complete`
  return sink
    .heard()
    .flatMap((heard) => (heard.path === path ? [JSON.parse(heard.body) as Report['body']] : []))
}

async function send(agent: DoorAgent, body: unknown, headers: Record<string, string> = {}): Promise<number> {
  const reply = await fetch(agent.url + SCHEDULE, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await reply.text()
  if (reply.status === 200) assert.equal(text, '')
  else assert.deepEqual(Object.keys(JSON.parse(text) as object), ['error'])
  return reply.status
}

test('tells what its commands put out, how ever they end, and goes on after a crash', async () => {
  using folder = new Folder()
  await using sink = await SinkProcess.start(folder.file('sink'))
  const begin = () => DoorAgent.start('127.0.0.1:0', sink.url, folder.file('agent'))
  await using agent = await begin()
  const frequency = 'every 1 seconds'
  const commands = {
    hello: 'echo hello world',
    plain: 'echo $HOME | cat "a  b"',
    fails: 'ls /there/is/no/such',
    missing: 'no-such-program-anywhere',
    silent: 'false',
  }
  for (const [task_id, command] of Object.entries(commands)) {
    assert.equal(await send(agent, { task_id, command, frequency }), 200)
  }
  const first = async (task: string) => until(`${task} is told`, WITHIN_MS, () => reportsOf(sink, task)[0])
  const mine = { agent_id: agent.id, server_id: agent.id }
  assert.deepEqual(await first('hello'), { ...mine, stdout: 'hello world\n' })
  // No shell reads it.
  assert.deepEqual(await first('plain'), { ...mine, stdout: '$HOME | cat "a  b"\n' })
  assert.match((await first('fails')).stderr ?? '', /there\/is\/no\/such/)
  assert.match((await first('missing')).stderr ?? '', /no-such-program-anywhere/)
  assert.match((await first('silent')).stderr ?? '', /exit code 1/)
  await until('again and again', WITHIN_MS, () => reportsOf(sink, 'hello').length >= 3)

  assert.equal(await agent.end('SIGKILL'), null)
  await using next = await begin()
  assert.notEqual(next.id, agent.id)
  await until('it goes on', WITHIN_MS, () =>
    reportsOf(sink, 'hello').some(
      ({ agent_id, stdout }) => agent_id === next.id && stdout === 'hello world\n',
    ),
  )
  assert.equal(await next.end('SIGTERM'), 0)
})

test('what is no task is refused; a web page hands over none', async () => {
  using folder = new Folder()
  await using agent = await DoorAgent.start('127.0.0.1:0', 'http://127.0.0.1:1', folder.file('agent'))
  const task = { task_id: 'one', command: 'true', frequency: 'every 1 hours' }
  for (const body of [
    '{"task_id":',
    '',
    'null',
    [],
    { ...task, frequency: 'every 1 hour' },
    { ...task, frequency: 'every 0 seconds' },
    { ...task, command: ' ' },
    { ...task, task_id: '' },
    { ...task, task_id: 7 },
    { ...task, command: undefined },
  ]) {
    assert.equal(await send(agent, body), 400, JSON.stringify(body))
  }
  assert.equal(await send(agent, { ...task, command: 'x'.repeat(300_000) }), 413)
  assert.equal(await send(agent, task, { Origin: 'http://evil.example' }), 403)
  assert.equal(await send(agent, task), 200)
  assert.equal(await send(agent, task), 200)
  assert.equal((await fetch(`${agent.url}/api/v1/tasks`)).status, 404)
  assert.equal((await fetch(agent.url + SCHEDULE)).status, 405)
})

test('it listens beyond this machine only for callers that are named', async () => {
  using folder = new Folder()
  await assert.rejects(
    DoorAgent.start('0.0.0.0:0', 'http://127.0.0.1:1', folder.file('agent')),
    /Name them with --callers/,
  )
})
