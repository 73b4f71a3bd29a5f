// Logs, byte for byte, while servers and agents are killed: what was acknowledged is there, and what a process wrote arrives
// once and in order.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readFrames } from '../../src/domain/log/log-frame.ts'
import type { CarillonClient } from '../../src/sdk/index.ts'
import { AgentProcess } from '../support/agent-process.ts'
import { Folder } from '../support/folder.ts'
import { type Piece, seededWriter, wholeOutput } from '../support/seeded-output.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const LEASE = ['--agent-lease', '10s', '--poll-interval', '200ms']
const skip = process.platform === 'linux' ? false : 'an agent ends what it started with itself on Linux only'
const SEED = 20_270_131
const STREAMS = ['stdout', 'stderr'] as const

async function logOf(
  client: CarillonClient,
  runId: string,
  attempt: number,
  stream: Piece['stream'],
): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of await client.logs.text(runId, { attempt, stream: [stream] })) parts.push(part)
  return Buffer.concat(parts)
}

/** Bytes of the log that the server has acknowledged; 0: there is none yet. */
async function acknowledged(client: CarillonClient, runId: string, attempt: number): Promise<number> {
  return (await client.logs.list(runId)).find((log) => log.attempt === attempt)?.bytes ?? 0
}

/** What waits on the disk of an agent, of one stream; a chunk that was just being written is no chunk yet. */
function waiting(agentDir: string, stream: Piece['stream']): number {
  let bytes = 0
  const folders = readdirSync(`${agentDir}/logs`)
  for (const folder of folders) {
    for (const chunk of readdirSync(`${agentDir}/logs/${folder}`)) {
      if (chunk === 'seal') continue
      const frames: number[] = []
      try {
        for (const frame of readFrames(readFileSync(`${agentDir}/logs/${folder}/${chunk}`))) {
          if (frame.stream === stream) frames.push(frame.bytes.length)
        }
      } catch {
        continue
      }
      bytes += frames.reduce((sum, length) => sum + length, 0)
    }
  }
  return bytes
}

async function triggered(client: CarillonClient, argv: readonly string[]): Promise<string> {
  await client.jobs.create({
    name: 'talker',
    schedule: {},
    target: { command: { argv: [...argv], output: { maxBytes: 100_000_000 } } },
    policy: { retry: { max: 0 } },
  })
  return (await client.jobs.trigger('talker')).id
}

function assertSame(actual: Buffer, expected: Buffer, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: its length`)
  assert.ok(actual.equals(expected), `${what}: its bytes`)
}

/** `fast`: several chunks are on their way whenever the server is killed. */
const PACES = {
  busy: { pieces: 900, pauseMs: 10, step: 100_000 },
  fast: { pieces: 3_000, pauseMs: 0, step: 2_000_000 },
}

for (const [pace, { pieces, pauseMs, step }] of Object.entries(PACES))
  test(`kill -9 of the server, again and again while a ${pace} process writes: every byte arrives, once, in order`, {
    skip,
  }, async () => {
    using folder = new Folder()
    const dataDir = folder.file('data')
    let server = await ServerProcess.start({ dataDir, args: LEASE })
    try {
      const listen = new URL(server.url).host
      const token = (await server.client.agents.createToken({})).secret
      await using _agent = await AgentProcess.start({
        server: server.url,
        name: 'one',
        dataDir: folder.file('one'),
        token,
      })
      const runId = await triggered(server.client, seededWriter(SEED, pieces, pauseMs))
      let before = 0
      for (let kill = 1; kill <= 3; kill += 1) {
        before = await until(`more is acknowledged, ${kill}`, 20_000, async () => {
          const bytes = await acknowledged(server.client, runId, 1)
          return bytes > before + step && bytes
        })
        await server.kill()
        if (kill === 2)
          await until(
            'output waits on the agent',
            20_000,
            () => waiting(folder.file('one'), 'stdout') > 300_000,
          )
        server = await ServerProcess.start({ dataDir, listen, args: LEASE })
        assert.ok((await acknowledged(server.client, runId, 1)) >= before, 'what was acknowledged is there')
      }
      const run = await server.client.runs.wait(runId, { timeoutMs: 60_000 })
      assert.deepEqual([run.status, run.attempts.map(({ outcome }) => outcome)], ['succeeded', ['ok']])
      await until('its log is sealed', 30_000, async () => {
        return (await server.client.logs.list(runId))[0]?.status === 'sealed'
      })
      for (const stream of STREAMS) {
        assertSame(await logOf(server.client, runId, 1, stream), wholeOutput(SEED, pieces, stream), stream)
      }
      await until(
        'nothing is left on the agent',
        10_000,
        () => readdirSync(`${folder.file('one')}/logs`).length === 0,
      )
    } finally {
      await server[Symbol.asyncDispose]()
    }
  })

test('kill -9 of the agent, and of the server before it: what was acknowledged and what waited on its disk is there', {
  skip,
}, async () => {
  using folder = new Folder()
  const dataDir = folder.file('data')
  const agentDir = folder.file('one')
  const pieces = 500
  let server = await ServerProcess.start({ dataDir, args: LEASE })
  try {
    const listen = new URL(server.url).host
    const options = { server: server.url, name: 'one', dataDir: agentDir }
    const token = (await server.client.agents.createToken({})).secret
    const agent = await AgentProcess.start({ ...options, token })
    let runId = ''
    const known = { stdout: 0, stderr: 0 }
    try {
      runId = await triggered(server.client, seededWriter(SEED, pieces, 15))
      await until('something is acknowledged', 20_000, async () => {
        return (await acknowledged(server.client, runId, 1)) > 200_000
      })
      for (const stream of STREAMS) known[stream] = (await logOf(server.client, runId, 1, stream)).length
      await server.kill()
      await until('output waits on the agent', 20_000, () => waiting(agentDir, 'stdout') > 300_000)
    } finally {
      await agent.kill()
    }
    // Of what was on its way when the server was killed, the first may have arrived; whatever waits comes after that.
    const least = { stdout: 0, stderr: 0 }
    for (const stream of STREAMS) least[stream] = known[stream] + waiting(agentDir, stream)
    server = await ServerProcess.start({ dataDir, listen, args: LEASE })
    await using _again = await AgentProcess.start(options)
    const run = await server.client.runs.wait(runId, { timeoutMs: 60_000 })
    assert.deepEqual(
      run.attempts.map(({ outcome, agent: name }) => [outcome, name]),
      [
        ['lost', 'one'],
        ['ok', 'one'],
      ],
    )
    await until('nothing is left on the agent', 20_000, () => readdirSync(`${agentDir}/logs`).length === 0)
    for (const stream of STREAMS) {
      const whole = wholeOutput(SEED, pieces, stream)
      const cut = await logOf(server.client, runId, 1, stream)
      assert.ok(cut.length >= least[stream], `${stream}: ${cut.length} of at least ${least[stream]} bytes`)
      assert.ok(cut.equals(whole.subarray(0, cut.length)), `${stream}: what is there is what was written`)
      assertSame(await logOf(server.client, runId, 2, stream), whole, `${stream} of the second attempt`)
    }
    const [first] = await server.client.logs.list(runId)
    assert.deepEqual([first?.attempt, first?.status], [1, 'incomplete'])
  } finally {
    await server[Symbol.asyncDispose]()
  }
})
