// What the door of a replaced system adds to a request: jobs made by it beside the same jobs made by REST v1, on one server, in
// turns, a round of one after a round of the other. The median of the rounds' ratios counts.

import { type ClientHttp2Session, connect } from 'node:http2'
import { createServer } from 'node:net'
import { create, toBinary } from '@bufbuild/protobuf'
import { Agent, request } from 'undici'
import type { JobDraft } from '../src/commands/job-draft.ts'
import { toDraft as dcronDraft } from '../src/doors/compat/dcron/to-command.ts'
import { toJob } from '../src/doors/compat/schedule-rs/to-command.ts'
import { SCHEDULER0_DEFAULTS, toDraft as scheduler0Draft } from '../src/doors/compat/scheduler0/job-words.ts'
import { toJob as simpleJob } from '../src/doors/compat/simple-scheduler/to-command.ts'
import { ownTask } from '../src/doors/compat/taskscheduler/to-command.ts'
import { JobRequestSchema, ScriptType } from '../src/protocol/dcron.ts'
import { ADMIN_KEY, Carillon } from './carillon.ts'
import type { Scale } from './scale.ts'
import type { Sink } from './sink.ts'
import { type Line, line, median, number } from './table.ts'

const ADDED_MAX = 0.15
const LANES = 16
/** As its document's example sends them. */
const ARRAY_JOBS = 1_000

type Send = (name: string) => Promise<void>
type Pair = {
  readonly what: string
  readonly door: Send
  readonly rest: Send
  /** Requests of one round. */
  readonly requests: number
  readonly lanes: number
}

export async function doors(_sink: Sink, scale: Scale): Promise<Line[]> {
  const port = await freePort()
  const args = ['--doors-dcron-listen', `127.0.0.1:${port}`, ...scale.serverArgs]
  await using carillon = await Carillon.start({ args, nodeArgs: scale.nodeArgs })
  await using http = httpOf(carillon.url)
  await using grpc = grpcOf(port)
  const rounds = scale.quick ? 3 : 11
  const lines: Line[] = []
  for (const pair of await pairsOf(http.post, grpc.newJob, scale)) {
    lines.push(await compared(pair, rounds, () => carillon.cpuSeconds()))
  }
  return lines
}

type Spent = { wallMs: number; cpuS: number }

async function compared(
  { what, door, rest, requests, lanes }: Pair,
  rounds: number,
  cpuSeconds: () => number,
): Promise<Line> {
  const ratios: number[] = []
  const total = { door: { wallMs: 0, cpuS: 0 }, rest: { wallMs: 0, cpuS: 0 } }
  const spend = async (send: Send, round: string): Promise<Spent> => {
    const before = cpuSeconds()
    const wallMs = await timed(send, round, requests, lanes)
    return { wallMs, cpuS: cpuSeconds() - before }
  }
  // The first round of each warms up.
  for (let round = 0; round <= rounds; round += 1) {
    const order = round % 2 === 0 ? (['door', 'rest'] as const) : (['rest', 'door'] as const)
    const spent: Partial<Record<'door' | 'rest', Spent>> = {}
    for (const way of order) spent[way] = await spend(way === 'door' ? door : rest, `${what}-${round}-${way}`)
    if (round === 0) continue
    ratios.push(spent.door!.wallMs / spent.rest!.wallMs)
    for (const way of order) {
      total[way].wallMs += spent[way]!.wallMs
      total[way].cpuS += spent[way]!.cpuS
    }
  }
  const added = median(ratios) - 1
  const perSecond = number((requests * rounds * 1_000) / total.door.wallMs)
  const work = total.door.cpuS / total.rest.cpuS - 1
  return line(
    `the door of ${what}, ${number(requests)} requests a round, beside REST v1`,
    `adds ≤ ${100 * ADDED_MAX} %`,
    `${percent(added)} of time (${perSecond}/s), ${percent(work)} of processor time`,
    added <= ADDED_MAX,
  )
}

function percent(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)} %`
}

async function timed(send: Send, round: string, requests: number, lanes: number): Promise<number> {
  let next = 0
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let n = next; n < requests; n = next) {
        next += 1
        await send(`${round.replaceAll(/[ ,]/g, '')}-${n}`)
      }
    }),
  )
  return performance.now() - begun
}

type Post = (path: string, body: unknown, raw?: boolean) => Promise<Record<string, unknown>>

/** REST v1 is asked for the very job that the door makes of its request. */
async function pairsOf(
  post: Post,
  newJob: (message: Uint8Array) => Promise<void>,
  scale: Scale,
): Promise<Pair[]> {
  const url = 'https://example.com/'
  const requests = scale.quick ? 100 : 400
  const rest = async (job: JobDraft): Promise<void> => {
    await post('/v1/jobs', job)
  }
  // Makes its project.
  await post('/compat/schedule-rs/schedule', { id: 'first', request: { url }, schedule: '0 0 1 1 *' })
  await post('/compat/taskscheduler/api/v1/tasks/create', TASK)
  await post('/compat/simple-scheduler/api/jobs', { name: 'first', ...MESSAGE })
  const { data } = (await post('/compat/scheduler0/v1/projects', {
    name: 'bench',
    description: 'bench',
  })) as {
    data: { id: number }
  }
  const { sha256 } = await post('/v1/scripts?project=dcron&name=bench.py', 'print(1)\n', true)
  const schedule = {
    request: { url, method: 'POST', headers: { 'X-A': 'b' }, body: 'hello' },
    schedule: '0 0 1 1 *',
    callback: { url },
  }
  const spec = { spec: '@every 1000h', project_id: data.id, timezone: 'UTC', callback_url: url, data: 'x' }
  const sent = { spec: spec.spec, projectId: data.id, timezone: 'UTC', callbackUrl: url, data: 'x' }
  const script = { location: String(sha256), jobType: ScriptType.PYTHON, time: '0 0 1 1 *', timeout: 60 }
  const array = (make: (n: number) => object): object[] =>
    Array.from({ length: ARRAY_JOBS }, (_, n) => make(n))
  return [
    {
      what: 'schedule-rs',
      requests,
      lanes: LANES,
      door: async (id) => void (await post('/compat/schedule-rs/schedule', { id, ...schedule })),
      rest: (id) => rest(toJob(schedule, { id, project: 'schedule-rs' }, null)),
    },
    {
      what: `scheduler0, ${number(ARRAY_JOBS)} jobs each`,
      requests: scale.quick ? 2 : 5,
      lanes: 1,
      door: async () =>
        void (await post(
          '/compat/scheduler0/v1/jobs',
          array(() => spec),
        )),
      rest: async (name) => {
        const job = scheduler0Draft(sent, data.id * 1_000_000_000, SCHEDULER0_DEFAULTS, Date.now())
        await post('/v1/jobs/batch', { jobs: array((n) => ({ ...job, name: `${name}-${n}` })) })
      },
    },
    {
      what: 'dcron, by gRPC',
      requests,
      lanes: LANES,
      door: (name) => newJob(toBinary(JobRequestSchema, create(JobRequestSchema, { name, ...script }))),
      rest: (name) =>
        rest(dcronDraft({ name, ...script }, 'python3', { project: 'dcron', sha256: String(sha256) })),
    },
    {
      what: 'taskscheduler',
      requests,
      lanes: LANES,
      door: async () => void (await post('/compat/taskscheduler/api/v1/tasks/create', TASK)),
      rest: (taskId) => rest(ownTask(TASK, '80000h', { taskId, project: 'taskscheduler', now: 0 })),
    },
    {
      what: 'Simple Scheduler',
      requests,
      lanes: LANES,
      door: async (name) => void (await post('/compat/simple-scheduler/api/jobs', { name, ...MESSAGE })),
      rest: (name) => rest(simpleJob({ name, ...MESSAGE }, 'simple-scheduler', 0)),
    },
  ]
}

/** Far from now: it is made, and not sent. */
const MESSAGE = { nextRunAt: '2100-01-01T00:00:00Z', interval: 3_600_000, runExecutionTimeout: 60_000 }
const TASK = { command: 'echo hello world', frequency: 'every 80000 hours' }

function httpOf(base: string): AsyncDisposable & { readonly post: Post } {
  const dispatcher = new Agent({ connections: LANES })
  return {
    post: async (path, document, raw = false) => {
      const { statusCode, body } = await request(base + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${ADMIN_KEY}`,
          'x-api-key': ADMIN_KEY,
          'content-type': raw ? 'application/octet-stream' : 'application/json',
        },
        body: raw ? String(document) : JSON.stringify(document),
        dispatcher,
      })
      const text = await body.text()
      if (statusCode >= 300) throw new Error(`POST ${path} was answered ${statusCode}: ${text.slice(0, 300)}`)
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    },
    [Symbol.asyncDispose]: () => dispatcher.close(),
  }
}

/** The frames alone, with what a stock client says: a whole one would cost more than what is measured. */
function grpcOf(port: number): AsyncDisposable & { readonly newJob: (message: Uint8Array) => Promise<void> } {
  // One that was idle for long is closed by the server: it is made when it is needed.
  let session: ClientHttp2Session | null = null
  return {
    newJob: (message) =>
      new Promise((resolve, reject) => {
        if (session === null || session.closed) session = connect(`http://127.0.0.1:${port}`)
        const head = Buffer.alloc(5)
        head.writeUInt32BE(message.length, 1)
        const stream = session.request({
          ':method': 'POST',
          ':path': '/dcron.Public/NewJob',
          'content-type': 'application/grpc',
          authorization: `Bearer ${ADMIN_KEY}`,
          te: 'trailers',
          'user-agent': 'grpc-node-js/1.14.0',
          'grpc-accept-encoding': 'identity,deflate,gzip',
          'grpc-timeout': '20S',
        })
        let status: unknown
        let said: unknown
        const look = (headers: Record<string, unknown>): void => {
          status ??= headers['grpc-status']
          said ??= headers['grpc-message']
        }
        stream.on('response', look)
        stream.on('trailers', look)
        stream.on('error', reject)
        stream.on('close', () => {
          if (status === '0') resolve()
          else reject(new Error(`NewJob was answered ${status}: ${said}`))
        })
        stream.resume()
        stream.end(Buffer.concat([head, message]))
      }),
    [Symbol.asyncDispose]: async () => {
      session?.close()
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
