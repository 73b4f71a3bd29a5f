// A secret goes where a job sends it, and nowhere else: a real server, receivers that repeat whatever they are sent,
// processes that print it in every form, and then a look into every answer, every log line and every file.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { CarillonClient, Job } from '../../src/sdk/index.ts'
import { verifyWebhook } from '../../src/sdk/webhook.ts'
import { Folder } from '../support/folder.ts'
import { ADMIN_KEY, ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const LINUX = { skip: process.platform === 'linux' ? false : 'the commands are those of Linux' }
const CANARY = 'canary-7f3a/b+c=d "yellow" wörd'
const bytes = Buffer.from(CANARY)

/** What none of the places may hold: the canary, as it is and as it is wont to be written. */
const FORMS = [
  CANARY,
  JSON.stringify(CANARY).slice(1, -1),
  encodeURIComponent(CANARY),
  bytes.toString('base64'),
  bytes.toString('base64url'),
  bytes.toString('hex'),
  'canary-7f3a',
]

class Echo implements AsyncDisposable {
  readonly #server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts).toString()
      const all = JSON.stringify({ headers: request.headers, body })
      this.heard.push(all)
      const said = request.url === '/fails' ? 500 : 200
      const secret = String(request.headers['x-secret'] ?? '')
      const basic = Buffer.from(`user:${Buffer.from(secret, 'latin1').toString()}`).toString('base64')
      response.writeHead(said, { 'X-Repeated': secret, 'X-Basic': basic }).end(all)
    })
  })
  readonly heard: string[] = []
  url = ''

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

const PRINT = [
  'printf "%s\\n" "$TOKEN"',
  'printf "%s" "$TOKEN" | base64 -w0; echo',
  'printf "user:%s" "$TOKEN" | base64 -w0; echo',
  'printf "%s" "$TOKEN" | od -An -tx1 | tr -d " \\n"; echo',
  'printf "%s" "$TOKEN" >&2',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's.
  'half=${#TOKEN}; half=$((half/2)); printf "%s" "${TOKEN:0:$half}"; sleep 0.3; printf "%s\\n" "${TOKEN:$half}"',
  'cat',
  'exit 3',
].join('\n')

test('a secret is in no answer, no log and no file', LINUX, async () => {
  using folder = new Folder()
  await using echo = await new Echo().listen()
  await using server = await ServerProcess.start({
    dataDir: folder.path,
    args: ['--agent-slots', '2', '--log-level', 'trace'],
  })
  const seen: string[] = []
  const stop = new AbortController()
  const { client } = server
  // In headers only what a header can hold.
  await client.secrets.set('token', CANARY)
  await client.secrets.set('plain', 'canary-7f3a-in-a-header')
  const events = followEvents(server.url, seen, stop.signal)
  const headers = { 'X-Secret': '{{secret.plain}}' }
  const callback = { url: `${echo.url}/told`, headers, body: { s: '{{secret.token}}', run: '{{run.id}}' } }
  const body = { s: '{{secret.token}}', run: '{{run.id}}' }
  await add(client, 'json', { http: { url: `${echo.url}/ok`, headers, body } }, callback)
  await add(client, 'text', { http: { url: `${echo.url}/fails`, body: 'say {{secret.token}}' } }, callback)
  // Cut in the middle of a secret.
  for (const responseBytesMax of [200, 210, 220]) {
    const target = { http: { url: `${echo.url}/ok`, headers, body, responseBytesMax } }
    await add(client, `cut-${responseBytesMax}`, target, callback)
  }
  const command = {
    argv: ['bash', '-c', PRINT],
    env: { TOKEN: '{{secret.token}}' },
    stdin: '{{secret.token}}',
  }
  await add(client, 'print', { command }, callback)
  const signing = `whsec_${Buffer.from('canary-7f3a-which-signs-for-us').toString('base64')}`
  await client.secrets.set('hook', signing)
  const sign = { secrets: ['{{secret.hook}}'] }
  await add(client, 'signed', { http: { url: `${echo.url}/signed`, body, sign } }, { ...callback, sign })
  for (const { name } of (await client.jobs.list()).items) {
    const run = await client.runs.wait((await client.jobs.trigger(name)).id)
    assert.ok(['succeeded', 'failed'].includes(run.status), `${name}: ${run.message}`)
  }
  await until('callbacks are told', 10_000, async () => {
    const { items } = await client.callbacks.list({ status: 'delivered' })
    return items.length === 7 ? true : undefined
  })
  const everything = echo.heard.join('\n')
  assert.ok(everything.includes('canary-7f3a-in-a-header'), 'headers are filled in')
  assert.equal(everything.split('say canary-7f3a').length > 1, true, 'texts are filled in')
  assert.equal(echo.heard.filter((text) => text.includes('wörd')).length, 13, 'bodies are filled in')
  const signed = echo.heard.filter((text) => text.includes('webhook-signature'))
  assert.equal(signed.length, 2, 'the request and its callback are signed')
  for (const text of signed) await verifyWebhook(JSON.parse(text), { secrets: signing })
  const printed = await client.runs.list({ job: 'print' })
  const text = await textOf(client, printed.items[0]!.id)
  assert.ok(text.split('***').length > 6, `masked, not lost: ${text}`)
  seen.push(text, ...(await allAnswers(server.url, client)))
  stop.abort()
  await events
  const { log } = await server.stop()
  for (const form of FORMS) {
    for (const text of seen) assert.ok(!text.includes(form), `an answer holds ${form}: ${around(text, form)}`)
    assert.ok(!log.includes(form), `the log holds ${form}: ${around(log, form)}`)
    for (const path of filesIn(folder.path)) {
      const content = readFileSync(path)
      assert.ok(!content.includes(form), `${path} holds ${form}`)
    }
  }
})

function add(client: CarillonClient, name: string, target: Job['target'], callback: Job['callback']) {
  return client.jobs.create({ name, schedule: {}, target, policy: { retry: { max: 0 } }, callback })
}

async function textOf(client: CarillonClient, run: string): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of await client.logs.text(run)) parts.push(part)
  return Buffer.concat(parts).toString()
}

/** Whatever can be asked, of everything there is. */
async function allAnswers(url: string, client: CarillonClient): Promise<string[]> {
  const jobs = (await client.jobs.list()).items.flatMap(({ id }) =>
    ['', '/versions', '/ledger', '/why', '/calendar'].map((path) => `/v1/jobs/${id}${path}`),
  )
  const runs = (await client.runs.list()).items.flatMap(({ id }) =>
    ['', '/logs', '/log', '/log/text'].map((path) => `/v1/runs/${id}${path}`),
  )
  const callbacks = (await client.callbacks.list()).items.map(({ id }) => `/v1/callbacks/${id}`)
  const lists = [
    'jobs',
    'runs',
    'callbacks',
    'secrets',
    'secrets/token',
    'keys',
    'agents',
    'nodes',
    'overview',
  ]
  const paths = [...jobs, ...runs, ...callbacks, ...lists.map((name) => `/v1/${name}`), '/metrics']
  return Promise.all(
    paths.map(async (path) => {
      const reply = await fetch(url + path, { headers: { authorization: `Bearer ${ADMIN_KEY}` } })
      return `${path} ${reply.status} ${JSON.stringify([...reply.headers])} ${await reply.text()}`
    }),
  )
}

async function followEvents(url: string, seen: string[], signal: AbortSignal): Promise<void> {
  try {
    const reply = await fetch(`${url}/v1/events`, {
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
      signal,
    })
    for await (const part of reply.body ?? []) seen.push(Buffer.from(part).toString())
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

function around(text: string, form: string): string {
  const at = text.indexOf(form)
  return text.slice(Math.max(0, at - 200), at + 100)
}
