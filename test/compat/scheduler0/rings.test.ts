// A real server set up by the variables of scheduler0: callbacks in chunks below the limit, tries and deadlines as configured, what
// became of each; and a server that may use next to no memory, which stays up and takes no work.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Folder } from '../../support/folder.ts'
import { ADMIN_KEY, ServerProcess } from '../../support/server-process.ts'
import { SinkProcess } from '../../support/sink-process.ts'
import { until } from '../../support/until.ts'

const WITHIN_MS = 30_000
const MIB = 1_048_576

type Envelope<T> = { readonly data: T; readonly success: boolean }

class Old implements AsyncDisposable {
  readonly server: ServerProcess
  readonly #url: string
  readonly #pair: Readonly<Record<string, string>>

  private constructor(server: ServerProcess, url: string, pair: Readonly<Record<string, string>>) {
    this.server = server
    this.#url = url
    this.#pair = pair
  }

  static async start(dataDir: string, settings: Readonly<Record<string, string>>): Promise<Old> {
    const variables = Object.entries(settings).map(([name, value]) => [`SCHEDULER0_${name}`, value])
    const env = { SCHEDULER0_PORT: '0', ...(Object.fromEntries(variables) as Record<string, string>) }
    const server = await ServerProcess.start({ dataDir, env })
    const url = /"url":"([^"]+)","door":"scheduler0"/.exec(server.log)?.[1]
    assert.ok(url !== undefined, server.log)
    const made = await fetch(`${url}/v1/credentials`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
      body: '{}',
    })
    const { data } = (await made.json()) as Envelope<{ api_key: string; api_secret: string }>
    return new Old(server, url, { 'x-api-key': data.api_key, 'x-secret-key': data.api_secret })
  }

  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const reply = await fetch(this.#url + path, {
      method,
      headers: { ...this.#pair, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await reply.text()
    assert.ok(reply.ok, `${method} ${path}: ${reply.status} ${text}`)
    return (JSON.parse(text) as Envelope<T>).data
  }

  async project(): Promise<number> {
    const { id } = await this.ask<{ id: number }>('POST', '/v1/projects', { name: 'p', description: 'd' })
    return id
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server[Symbol.asyncDispose]()
  }
}

const job = (project_id: number, callback_url: string, over: object = {}): object => ({
  project_id,
  callback_url,
  spec: '@every 5s',
  timezone: 'UTC',
  execution_type: 'http',
  data: 'x',
  ...over,
})

test('callbacks come in chunks below the limit, each job once; what fails is tried again as configured', async () => {
  using folder = new Folder()
  await using sink = await SinkProcess.start(folder.file('sink'))
  await using old = await Old.start(folder.file('data'), {
    HTTP_EXECUTOR_PAYLOAD_MAX_SIZE_MB: '1',
    JOB_EXECUTION_TIMEOUT: '1',
    JOB_EXECUTION_RETRY_MAX: '1',
    JOB_EXECUTION_RETRY_DELAY: '1',
  })
  const project = await old.project()
  // All of them are due in the same instants.
  const together = { spec: '*/5 * * * * *', data: 'y'.repeat(100_000) }
  const large = Array.from({ length: 30 }, () => job(project, `${sink.url}/cb`, together))
  await old.ask('POST', '/v1/jobs', large)
  const chunks = await until('every job was called back', WITHIN_MS, () => {
    const heard = sink.heard().filter(({ path }) => path === '/cb')
    const items = heard.flatMap(({ body }) => JSON.parse(body) as Record<string, unknown>[])
    return items.length >= large.length ? heard : null
  })
  const items = chunks.flatMap(({ body }) => JSON.parse(body) as Record<string, unknown>[])
  assert.equal(new Set(items.slice(0, large.length).map(({ id }) => id)).size, large.length)
  assert.ok(chunks.length >= 3, `${chunks.length} chunks`)
  for (const { body, headers, method } of chunks) {
    assert.ok(Buffer.byteLength(body) <= MIB, `${body.length} bytes`)
    assert.equal(method, 'POST')
    assert.match(headers['content-type']!, /^application\/json/)
  }
  const ids = chunks.map(({ headers }) => Number(headers['x-payload-chunk-id'])).sort((a, b) => a - b)
  assert.deepEqual(ids.slice(0, 3), [0, 1, 2])
  const [first] = items
  assert.deepEqual(Object.keys(first!).sort(), [
    'callback_url',
    'data',
    'date_created',
    'end_date',
    'execution_id',
    'execution_type',
    'id',
    'last_execution_date',
    'project_id',
    'spec',
    'start_date',
    'timezone',
  ])

  await old.ask('POST', '/v1/jobs', [
    job(project, 'http://127.0.0.1:1/refuses'),
    job(project, `${sink.url}/never`),
  ])
  const { runs } = old.server.client
  for (const [address, outcome] of [
    ['refuses', 'error'],
    ['never', 'timeout'],
  ]) {
    const jobs = await old.ask<{ jobs: { id: number; callback_url: string }[] }>(
      'GET',
      `/v1/jobs?projectId=${project}&limit=100&offset=0`,
    )
    const { id } = jobs.jobs.find(({ callback_url }) => callback_url.endsWith(address!))!
    const failed = await until(`${address} has failed`, WITHIN_MS, async () => {
      const page = await runs.list({ job: String(id), project: `scheduler0-${project}`, status: ['failed'] })
      return page.items[0] ?? null
    })
    const { attempts } = await runs.get(failed.id)
    assert.deepEqual(
      attempts.map((one) => one.outcome),
      [outcome, outcome],
    )
    const gap = Date.parse(attempts[1]!.startedAt) - Date.parse(attempts[0]!.endedAt!)
    assert.ok(gap >= 900, `tried again after ${gap} ms`)
    const logs = await old.ask<{ executions: { state: number; job_id: number }[] }>(
      'GET',
      `/v1/executions?jobId=${id}&state=failed&limit=5&offset=0`,
    )
    assert.deepEqual([logs.executions[0]!.state, logs.executions[0]!.job_id], [2, id])
  }
})

test('at 70 % of its memory it takes no work, and stays up', async () => {
  using folder = new Folder()
  await using sink = await SinkProcess.start(folder.file('sink'))
  await using old = await Old.start(folder.file('data'), { MAX_MEMORY: '1' })
  await old.ask('POST', '/v1/jobs', [job(await old.project(), `${sink.url}/cb`, { spec: '@every 1s' })])
  const waiting = await until('a run has been due for a while', WITHIN_MS, async () => {
    const { items } = await old.server.client.runs.list({ status: ['pending'] })
    return items.find(({ dueAt }) => Date.now() - Date.parse(dueAt) > 2_000) ?? null
  })
  assert.equal(waiting.attemptCount, 0)
  assert.deepEqual(sink.heard(), [])
  await old.ask('GET', '/v1/healthcheck')
})
