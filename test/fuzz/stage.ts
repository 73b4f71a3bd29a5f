// What the spoilt requests are about: a server with one of each thing under a known name. What a request that was taken has
// ended, renamed or used up is put back, so that the next ones meet more than "there is no such thing".

import assert from 'node:assert/strict'
import { type House, openHouse, PING } from '../rest/house.ts'
import { NO_LIMITS, watched } from './watched.ts'

const AGENT = { hostname: 'far', pid: 1, version: '1', labels: {}, slots: 1, held: [] }
const JOB = { ...PING, callback: { url: 'https://example.com/told' } }
const SCRIPT = Buffer.from('#!/bin/sh\necho hi\n')

export class Stage implements AsyncDisposable {
  readonly house: House
  /** What stands for the parameters of addresses. */
  readonly names: Record<string, string> = {
    job: 'ping',
    project: 'stage',
    secret: 'token',
    part: '0',
    attempt: '1',
    fence: '1',
    sequence: '0',
    token: 'none',
    node: 'none',
    visit: 'none',
  }
  readonly #changes: () => number
  #agentKey = ''
  #joined = 0
  #passed = false

  private constructor(house: House, changes: () => number) {
    this.house = house
    this.#changes = changes
  }

  static async open(): Promise<Stage> {
    const { opened: house, changes } = await watched(() => openHouse({ limits: NO_LIMITS }))
    const stage = new Stage(house, changes)
    for (const what of ['/{project}', '/{job}', '/{secret}', '/{key}', '/{sha256}', '/{run}', '/agents'])
      await stage.mend(what)
    return stage
  }

  /** Rows that were written since the store was opened, also those that were taken back. */
  get changes(): number {
    return this.#changes()
  }

  pass(ms: number): void {
    this.house.clock.advance(ms)
    this.#passed = true
  }

  /** Once a minute it is written down when a key was used last: not with the next request, which may be one to refuse. */
  async beSeen(): Promise<void> {
    if (!this.#passed) return
    this.#passed = false
    await this.#made('GET', '/v1/projects?limit=1', {})
  }

  /** The key that gets furthest with an operation at `path`: whoever else comes is refused before what was sent is read. */
  keyFor(path: string): string {
    if (path.startsWith('/v1/agents/self')) return this.#agentKey
    if (/^\/v1\/runs\/\{run\}\/(?:beat|complete|fail|log\/(?:chunks|seal))/.test(path))
      return this.house.ctx.runTokens.make(this.names['run']!, 1)
    return this.house.admin
  }

  /** After something at `path` was taken. */
  async mend(path: string): Promise<void> {
    if (path.includes('{project}')) await this.#keep('/v1/projects', { name: this.names['project'] })
    if (path.includes('{job}')) await this.#keep('/v1/jobs', JOB)
    if (path.includes('{secret}'))
      await this.#made('PUT', '/v1/secrets/token', { body: { value: 'a long enough value' } })
    if (path.includes('{key}')) {
      const { id } = await this.#made('POST', '/v1/keys', { body: { name: 'k', scopes: ['jobs:read'] } })
      this.names['key'] = String(id)
    }
    if (path.includes('{sha256}')) {
      const headers = { 'content-type': 'application/octet-stream' }
      const { sha256 } = await this.#made('POST', '/v1/scripts', { raw: SCRIPT, headers })
      this.names['sha256'] = String(sha256)
    }
    if (/\{(?:run|job|callback)\}/.test(path)) await this.#owe()
    if (path.startsWith('/agents') || path.startsWith('/v1/agents')) await this.#join()
  }

  /** One run that is told of, and one that is owed; or what there was, where rules that were set do not want it. */
  async #owe(): Promise<void> {
    const trigger = async (): Promise<unknown> =>
      (await this.house.ask('POST', '/v1/jobs/ping/trigger', { body: { force: true } })).body['id']
    await this.house.ask('POST', `/v1/runs/${await trigger()}/cancel`)
    const { items } = await this.#made('GET', '/v1/callbacks?limit=1', {})
    this.names['callback'] = (items as { id: string }[])[0]?.id ?? 'none'
    this.names['run'] = String((await trigger()) ?? this.names['run'])
  }

  async #join(): Promise<void> {
    const { secret: token } = await this.#made('POST', '/v1/agent-tokens', {
      body: { projects: ['default'] },
    })
    this.#joined += 1
    const body = { token, name: `agent-${this.#joined}`, hostname: 'far', version: '1' }
    const { agent, secret } = await this.#made('POST', '/v1/agents/join', { key: null, body })
    this.#agentKey = String(secret)
    this.names['agent'] = (agent as { id: string }).id
    const opened = await this.#made('POST', '/v1/agents/self/sessions', { key: this.#agentKey, body: AGENT })
    this.names['session'] = String(opened['session'])
  }

  /** Made anew when it is gone, or has become something else. */
  async #keep(url: string, body: { readonly name?: string | undefined }): Promise<void> {
    const { status } = await this.house.ask('GET', `${url}/${body.name}`)
    if (status === 404) await this.#made('POST', url, { body })
    else if (url === '/v1/jobs') await this.#made('PUT', `${url}/${body.name}`, { body })
  }

  async #made(
    method: string,
    url: string,
    more: Parameters<House['ask']>[2],
  ): Promise<Record<string, unknown>> {
    const reply = await this.house.ask(method, url, more)
    assert.ok(reply.status < 300, `the stage: ${method} ${url}: ${reply.status} ${reply.text}`)
    return reply.body
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.house[Symbol.asyncDispose]()
  }
}
