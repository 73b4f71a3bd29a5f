// The two commands that the document prints, as they stand there. A file of curl's own leads its address, localhost:8080,
// to the door of a server here.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { AgentProcess } from '../../support/agent-process.ts'
import { Folder } from '../../support/folder.ts'
import { ServerProcess } from '../../support/server-process.ts'
import { until } from '../../support/until.ts'
import { DoorAgent, freePort } from './door-agent.ts'

const CREATE = `curl -i --request POST \\
  --url http://localhost:8080/api/v1/tasks/create \\
  --header 'Content-Type: application/json' \\
  --data '{
	"command": "echo hello world",
	"frequency": "every 30 seconds"
}'`

const OUTPUT = `curl -i --request GET \\
  --url http://localhost:8080/api/v1/tasks/322f0be6-d276-489f-89eb-7662c4517885/latest_output`

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/
const NO_CURL = spawnSync('curl', ['--version']).error !== undefined
/** "In approximately 30 seconds." */
const WITHIN_MS = 60_000

type Shown = { completion_time: string; outputs: { agent_id: string; stdout?: string }[] }

/** What a person sees who types it. */
function typed(command: string, home: string): string {
  const { stdout, stderr } = spawnSync('sh', ['-c', command], {
    env: { PATH: process.env['PATH'], CURL_HOME: home } as NodeJS.ProcessEnv,
    encoding: 'utf8',
  })
  assert.match(stdout, /^HTTP\/1\.1 /, stderr)
  return stdout
}

async function helloWorld(folder: Folder, door: string): Promise<Shown> {
  writeFileSync(folder.file('.curlrc'), `connect-to = "localhost:8080:${new URL(door).host}"\n`)
  const created = typed(CREATE, folder.path)
  assert.match(created, /^HTTP\/1\.1 201 /)
  const taskId = UUID.exec(created.split('\r\n\r\n')[1]!)?.[0]
  assert.ok(taskId !== undefined, created)
  // "Make sure to replace it with the ID returned by the first curl command."
  await until('a round is complete', WITHIN_MS, async () => {
    const { ok } = await fetch(`${door}/api/v1/tasks/${taskId}/latest_output`)
    return ok
  })
  const shown = typed(OUTPUT.replace(UUID, taskId), folder.path)
  assert.match(shown, /^HTTP\/1\.1 200 /)
  return JSON.parse(shown.split('\r\n\r\n')[1]!) as Shown
}

function doorOf(server: ServerProcess): string {
  const url = /"url":"([^"]+)","door":"taskscheduler"/.exec(server.log)?.[1]
  assert.ok(url !== undefined, server.log)
  return url
}

test('with foreign agents', { skip: NO_CURL ? 'there is no curl here' : false }, async () => {
  using folder = new Folder()
  const ports = [await freePort(), await freePort()]
  await using server = await ServerProcess.start({
    dataDir: folder.file('data'),
    args: ['--doors-taskscheduler-listen', '127.0.0.1:0', '--doors-taskscheduler-anonymous', 'true'],
    env: { AVAILABLE_SERVERS: ports.map((port) => `http://localhost:${port}`).join(',') },
  })
  const door = doorOf(server)
  await using one = await DoorAgent.start(`127.0.0.1:${ports[0]}`, door, folder.file('one'))
  await using two = await DoorAgent.start(`127.0.0.1:${ports[1]}`, door, folder.file('two'))
  const { completion_time, outputs } = await helloWorld(folder, door)
  assert.deepEqual(
    outputs.toSorted((a, b) => (a.agent_id < b.agent_id ? -1 : 1)),
    [one.id, two.id].sort().map((agent_id) => ({ agent_id, stdout: 'hello world\n' })),
  )
  assert.ok(Math.abs(Date.parse(completion_time) - Date.now()) < 60_000)
})

test('with our own agents', { skip: NO_CURL ? 'there is no curl here' : false }, async () => {
  using folder = new Folder()
  await using server = await ServerProcess.start({
    dataDir: folder.file('data'),
    args: ['--doors-taskscheduler-listen', '127.0.0.1:0', '--doors-taskscheduler-anonymous', 'true'],
  })
  await using agents = new AsyncDisposableStack()
  for (const name of ['one', 'two']) {
    const { secret: token } = await server.client.agents.createToken()
    agents.use(await AgentProcess.start({ server: server.url, token, name, dataDir: folder.file(name) }))
  }
  const { outputs } = await helloWorld(folder, doorOf(server))
  assert.equal(new Set(outputs.map(({ agent_id }) => agent_id)).size, 2)
  for (const { agent_id, ...output } of outputs) {
    assert.match(agent_id, UUID)
    assert.deepEqual(output, { stdout: 'hello world\n' })
  }
})
