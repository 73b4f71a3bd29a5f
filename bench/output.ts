// A process that writes as fast as it can, on an agent: how much of it arrives in the log in a second, and what the agent and
// the server need of memory meanwhile.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createClient } from '../src/sdk/index.ts'
import { ADMIN_KEY, Carillon } from './carillon.ts'
import type { Scale } from './scale.ts'
import type { Sink } from './sink.ts'
import { type Line, line, number } from './table.ts'

const PROGRAM = new URL('../bin/carillon.js', import.meta.url).pathname
const MB_PER_SECOND = 50
/** Flat: the second half of the time needs no more than this share above the first. */
const GROWTH = 1.25
const LOOK_MS = 200

export async function output(_sink: Sink, scale: Scale): Promise<Line[]> {
  const bytes = scale.quick ? 200_000_000 : 1_000_000_000
  await using carillon = await Carillon.start({ args: scale.serverArgs, nodeArgs: scale.nodeArgs })
  const client = createClient({ url: carillon.url, apiKey: ADMIN_KEY })
  const { secret } = await client.agents.createToken({})
  const dataDir = mkdtempSync(join(tmpdir(), 'carillon-bench-agent-'))
  const flags = ['--server', carillon.url, '--name', 'writer', '--data-dir', dataDir]
  const agent = spawn(process.execPath, [PROGRAM, 'agent', ...flags, '--token', secret], { stdio: 'ignore' })
  try {
    while (!(await client.agents.list()).items.some(({ status }) => status === 'live')) await wait(50)
    const text = 'a line as programs write them, of some eighty bytes, one after the other, for ever'
    const shell = `yes '${text}' | head -c ${bytes}`
    const target = { command: { shell, output: { maxBytes: 2 ** 30 } } }
    await client.jobs.create({ name: 'writes', schedule: {}, target, policy: { retry: { max: 0 } } })
    const { id } = await client.jobs.trigger('writes')
    const seen: { agent: number; server: number }[] = []
    while ((await client.runs.get(id)).finishedAt === null) {
      seen.push({ agent: rssMib(agent.pid!), server: carillon.rssMib() })
      await wait(LOOK_MS)
    }
    const { status, attempts } = await client.runs.get(id)
    const [attempt] = attempts
    if (status !== 'succeeded' || attempt === undefined) throw new Error(`the run is ${status}`)
    const seconds = (Date.parse(attempt.endedAt!) - Date.parse(attempt.startedAt)) / 1_000
    const rate = bytes / 1_000_000 / seconds
    const [log] = await client.logs.list(id)
    const whole = log?.bytes === bytes && log.status === 'sealed'
    return [
      line(
        `${number(bytes / 1_000_000)} MB of output through one agent, into the log`,
        `≥ ${MB_PER_SECOND} MB/s`,
        `${number(rate)} MB/s`,
        rate >= MB_PER_SECOND,
      ),
      line('… all of it is there, and sealed', 'yes', whole ? 'yes' : 'no', whole),
      memory(
        'the agent',
        seen.map((one) => one.agent),
      ),
      memory(
        'the server',
        seen.map((one) => one.server),
      ),
    ]
  } finally {
    agent.kill('SIGKILL')
    rmSync(dataDir, { recursive: true, force: true })
  }
}

function memory(whose: string, mib: readonly number[]): Line {
  const half = Math.ceil(mib.length / 2)
  const [first, second] = [Math.max(...mib.slice(0, half)), Math.max(...mib.slice(half))]
  const measured = `${number(first)} MiB, then ${number(second)} MiB`
  return line(`… memory of ${whose}, at most`, 'flat', measured, second <= first * GROWTH)
}

function rssMib(pid: number): number {
  const found = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(found?.[1]) / 1_024
}
