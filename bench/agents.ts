// How much agents cost that wait for work, and how soon an idle one begins what is due.
//   node bench/agents.ts [agents] [polls of each] [rounds]

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Agent, request } from 'undici'

const [agents = 990, pollsEach = 10, rounds = 40] = process.argv.slice(2).map(Number)
const PROGRAM = fileURLToPath(new URL('../bin/carillon.js', import.meta.url))
const KEY = 'an-admin-key-for-the-benchmark-only-01234'
const WAIT_MS = 20_000

const dir = mkdtempSync(join(tmpdir(), 'carillon-bench-agents-'))
const flags = [
  '--data-dir',
  dir,
  '--listen',
  '127.0.0.1:0',
  '--rate-limit',
  '0',
  '--log-format',
  'json',
  '--agent-lease',
  '10m',
]
const server = spawn(process.execPath, [PROGRAM, 'server', ...flags], {
  env: { ...process.env, CARILLON_ADMIN_KEY: KEY },
  stdio: ['ignore', 'ignore', 'pipe'],
})
let log = ''
server.stderr.setEncoding('utf8').on('data', (text: string) => {
  log += text
})
while (!log.includes('"ready"')) await pause(20)
const url = /"url":"([^"]+)"/.exec(log)![1]!
const pool = new Agent({
  connections: agents * pollsEach + 100,
  pipelining: 1,
  headersTimeout: 0,
  bodyTimeout: 0,
})

async function ask<T>(method: 'GET' | 'POST', path: string, key: string, body?: object): Promise<T> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const options = {
    method,
    headers,
    dispatcher: pool,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
  const reply = await request(url + path, options)
  const text = await reply.body.text()
  if (reply.statusCode >= 300) throw new Error(`${method} ${path}: ${reply.statusCode} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

type Leased = { works: { run: { id: string; dueAt: string }; attempt: { fence: number } }[] }
type Member = { key: string; session: string }

const rssMb = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))![1]) / 1_024

const before = rssMb()
const members: Member[] = []
for (let n = 0; n < agents; n += 1) {
  const { secret } = await ask<{ secret: string }>('POST', '/v1/agent-tokens', KEY, {})
  const joined = await ask<{ secret: string }>('POST', '/v1/agents/join', KEY, {
    token: secret,
    name: `agent-${n}`,
    hostname: 'bench',
    version: '1',
  })
  const opened = await ask<{ session: string }>('POST', '/v1/agents/self/sessions', joined.secret, {
    hostname: 'bench',
    pid: n,
    version: '1',
    labels: { kind: n === 0 ? 'one' : 'other' },
    slots: pollsEach,
    held: [],
  })
  members.push({ key: joined.secret, session: opened.session })
}
console.log(`${agents} agents have joined; server RSS ${before.toFixed(0)} → ${rssMb().toFixed(0)} MB`)

let stopping = false
let open = 0
const arrived = new Map<string, number>()

async function poll({ key, session }: Member): Promise<void> {
  const path = `/v1/agents/self/sessions/${session}`
  while (!stopping) {
    open += 1
    const { works } = await ask<Leased>('POST', `${path}/lease`, key, { slots: 1, waitMs: WAIT_MS })
    open -= 1
    for (const { run, attempt } of works) {
      arrived.set(run.id, Date.now() - Date.parse(run.dueAt))
      await ask('POST', `${path}/report`, key, {
        reports: [{ run: run.id, fence: attempt.fence, outcome: 'ok' }],
      })
    }
  }
}

let failed = 0
for (const member of members) {
  for (let n = 0; n < pollsEach; n += 1) {
    poll(member).catch(() => {
      failed += 1
    })
  }
  // As agents come: not ten thousand in the same moment.
  await pause(15)
}
let mostRss = 0
const end = Date.now() + 30_000
while (Date.now() < end) {
  mostRss = Math.max(mostRss, rssMb())
  await pause(500)
}
console.log(
  `${open} idle long polls, ${failed} that failed; server RSS at most ${mostRss.toFixed(0)} MB (mark: 300 MB)`,
)

const target = { command: { argv: ['true'], on: { labels: { kind: 'one' } } } }
for (let round = 0; round < rounds; round += 1) {
  const at = new Date(Date.now() + 700 + Math.random() * 400).toISOString()
  await ask('POST', '/v1/jobs', KEY, { name: `due-${round}`, schedule: { at }, target })
  while (arrived.size <= round) await pause(5)
}
const lags = [...arrived.values()].sort((a, b) => a - b)
const at = (share: number): number => lags[Math.min(lags.length - 1, Math.floor(lags.length * share))]!
console.log(
  `due → at the agent, ${lags.length} times: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${lags.at(-1)} ms (mark: p50 ≤ 30 ms until spawned)`,
)
stopping = true
server.kill('SIGKILL')
rmSync(dir, { recursive: true, force: true })
process.exit(0)
