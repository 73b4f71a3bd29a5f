// How many HTTP calls a second go out: our dispatcher beside the bare client, against one sink process.
//   node bench/dispatch.ts [--requests 20000] [--concurrency 128,256] [--rounds 3] [--connections 64,128,256]
// The bare loops send the same bytes; they make no record, hold no deadline and hear no signal.

import { type ChildProcess, fork } from 'node:child_process'
import { createServer } from 'node:net'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { createAddressGuard } from '../src/dispatch/address-guard.ts'
import { createHttpDispatcher } from '../src/dispatch/http-dispatcher.ts'
import { PreparedTargets } from '../src/dispatch/prepared-target.ts'
import { runRequest } from '../src/dispatch/run-request.ts'
import type { JobSpec } from '../src/domain/job.ts'
import type { Work } from '../src/ports/store.ts'
import { systemClock } from '../test/support/system-clock.ts'
import type { Scale } from './scale.ts'
import type { Sink } from './sink.ts'
import { type Line, line, number } from './table.ts'

if (import.meta.main) await (process.send === undefined ? main() : sink())

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '20000' },
      concurrency: { type: 'string', default: '128,256' },
      connections: { type: 'string', default: '256' },
      rounds: { type: 'string', default: '3' },
    },
  })
  const { child, url } = await startSink()
  const requests = Number(values.requests)
  try {
    for (const concurrency of values.concurrency.split(',').map(Number)) {
      for (const connections of values.connections.split(',').map(Number)) {
        await compare(url, { requests, concurrency, connections, rounds: Number(values.rounds) })
      }
    }
  } finally {
    child.kill()
  }
}

/** The usual setting as a line of the common table. */
export async function dispatch(_sink: Sink, scale: Scale): Promise<Line[]> {
  const { child, url } = await startSink()
  const rounds = scale.quick ? 1 : 3
  try {
    const best = await race(url, { requests: 20_000, concurrency: 128, connections: 128, rounds })
    const [mine, plain] = [best[0]!.rate, best[1]!.rate]
    const share = `${Math.round((mine / plain) * 100)} % of ${number(plain)}/s`
    return [line('dispatcher alone, beside a bare undici loop (128 connections)', '–', share, null)]
  } finally {
    child.kill()
  }
}

type Setting = { requests: number; concurrency: number; connections: number; rounds: number }
type Best = { readonly name: string; readonly rate: number; readonly cpuUs: number }
type Contender = { name: string; call: (n: number) => Promise<void>; close: () => Promise<unknown> }

async function compare(url: string, setting: Setting): Promise<void> {
  const best = await race(url, setting)
  console.log(`concurrency ${setting.concurrency}, connections ${setting.connections}`)
  for (const { name, rate, cpuUs } of best) {
    const ratio = (rate / best[1]!.rate).toFixed(2)
    const cpuRatio = (best[1]!.cpuUs / cpuUs).toFixed(2)
    console.log(
      `  ${name.padEnd(16)} ${Math.round(rate)} req/s (x ${ratio})   ${cpuUs.toFixed(1)} us CPU a call (x ${cpuRatio})`,
    )
  }
}

/** The best round of each, ours first. */
async function race(url: string, setting: Setting): Promise<Best[]> {
  const { requests, concurrency, connections, rounds } = setting
  const contenders = [ours(url, connections), request(url, connections), bare(url, connections)]
  const best: Best[] = contenders.map(({ name }) => ({ name, rate: 0, cpuUs: Number.POSITIVE_INFINITY }))
  for (const { call } of contenders) await drive(call, 2_000, concurrency)
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { call }] of contenders.entries()) {
      const { rate, cpuUs } = await drive(call, requests, concurrency)
      const { name, ...known } = best[index]!
      best[index] = { name, rate: Math.max(known.rate, rate), cpuUs: Math.min(known.cpuUs, cpuUs) }
    }
  }
  for (const { close } of contenders) await close()
  return best
}

/** Calls per second, and what one costs this process: the sink may be the slower of the two. */
async function drive(
  call: (n: number) => Promise<void>,
  total: number,
  concurrency: number,
): Promise<{ rate: number; cpuUs: number }> {
  let next = 0
  const cpu = process.cpuUsage()
  const started = performance.now()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < total) {
        next += 1
        await call(next)
      }
    }),
  )
  const { user, system } = process.cpuUsage(cpu)
  return { rate: (total * 1_000) / (performance.now() - started), cpuUs: (user + system) / total }
}

function ours(url: string, connectionsPerOrigin: number): Contender {
  const dispatcher = createHttpDispatcher({
    clock: systemClock,
    chance: { id: (prefix) => `${prefix}_1`, random: () => 0, hex: () => '00' },
    guard: createAddressGuard({ allowPrivate: true, allow: [], deny: [] }),
    userAgent: 'carillon-bench',
    connectionsPerOrigin,
  })
  const spec = specOf(url)
  return {
    name: 'dispatcher',
    async call(n) {
      const outcome = await dispatcher.dispatch(workOf(spec, n), new AbortController().signal)
      if (outcome.kind !== 'ok') throw new Error(JSON.stringify(outcome))
    },
    close: async () => dispatcher[Symbol.asyncDispose](),
  }
}

function request(url: string, connections: number): Contender {
  const pool = new Pool(url, { connections, pipelining: 1 })
  const { path, method, headers, body } = sameRequest(url)
  return {
    name: 'undici.request',
    async call() {
      const answer = await pool.request({ path, method, headers, body } as Parameters<Pool['request']>[0])
      await answer.body.dump()
    },
    close: () => pool.close(),
  }
}

function bare(url: string, connections: number): Contender {
  const pool = new Pool(url, { connections, pipelining: 1 })
  const { path, method, headers, body } = sameRequest(url)
  return {
    name: 'bare dispatch',
    call: () =>
      new Promise((resolve, reject) => {
        pool.dispatch({ path, method, headers, body } as Parameters<Pool['dispatch']>[0], {
          onRequestStart() {},
          onResponseStart() {},
          onResponseData() {},
          onResponseEnd: () => resolve(),
          onResponseError: (_, error) => reject(error),
        })
      }),
    close: () => pool.close(),
  }
}

function sameRequest(url: string) {
  const spec = specOf(url)
  const work = workOf(spec, 1)
  return runRequest(new PreparedTargets('carillon-bench').of(work), work, Date.now())
}

function specOf(url: string): JobSpec {
  return {
    name: 'bench',
    description: null,
    labels: {},
    schedule: {},
    target: { http: { url: `${url}/ring`, headers: { 'X-Team': 'night' }, body: { hello: 'world' } } },
    policy: {},
    callback: null,
  } as JobSpec
}

function workOf(spec: JobSpec, n: number): Work {
  const run = {
    id: `run_${String(n).padStart(26, '0')}`,
    projectId: 'prj_1',
    jobId: 'job_00000000000000000000000001',
    jobName: 'bench',
    trigger: 'schedule',
    dueAt: 1_800_000_000_000 + 1_000 * (n >> 7),
    late: false,
    fence: 1,
    params: null,
  }
  return { run, spec, attempt: { number: 1, cause: 'first', startedAt: 0 } } as unknown as Work
}

function startSink(): Promise<{ child: ChildProcess; url: string }> {
  return new Promise((resolve) => {
    const child = fork(import.meta.filename)
    child.once('message', (port) => resolve({ child, url: `http://127.0.0.1:${port}` }))
  })
}

/** Answers every whole request with the same bytes. */
function sink(): void {
  const answer = Buffer.from(
    'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Sun, 31 Jan 2027 02:30:00 GMT\r\n' +
      'Content-Length: 11\r\n\r\n{"ok":true}',
  )
  const server = createServer({ noDelay: true }, (socket) => {
    let rest = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1')
      for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
        const length = Number(/content-length: (\d+)/i.exec(rest)?.[1] ?? 0)
        if (rest.length < end + 4 + length) return
        rest = rest.slice(end + 4 + length)
        socket.write(answer)
      }
    })
  })
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as { port: number }).port))
  process.on('disconnect', () => process.exit())
}
