// An agent that speaks to a house byte by byte.

import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { House } from './house.ts'
import { collector, listen, parseReply, type RawReply } from './raw-socket.ts'

export const EMPTY = '{"works":[],"stop":[],"draining":false}'
const ABOUT = { hostname: 'far', version: '1' }

export class AgentCaller {
  readonly house: House
  readonly port: number
  readonly session: string
  readonly key: string
  readonly socket: Socket
  readonly told: ReturnType<typeof collector>

  private constructor(house: House, port: number, session: string, key: string, socket: Socket) {
    this.house = house
    this.port = port
    this.session = session
    this.key = key
    this.socket = socket
    this.told = collector(socket)
  }

  static async open(house: House): Promise<AgentCaller> {
    const token = await house.ask<{ secret: string }>('POST', '/v1/agent-tokens', { body: {} })
    const body = { ...ABOUT, token: token.body.secret, name: 'far' }
    const joined = await house.ask<{ secret: string }>('POST', '/v1/agents/join', { body, key: null })
    const key = joined.body.secret
    const opened = await house.ask<{ session: string }>('POST', '/v1/agents/self/sessions', {
      body: { ...ABOUT, pid: 7, labels: {}, slots: 4, held: [] },
      key,
    })
    const port = await listen(house)
    return new AgentCaller(house, port, opened.body.session, key, await connected(port))
  }

  /** The same agent on a connection of its own. */
  async again(): Promise<AgentCaller> {
    const { house, port, session, key } = this
    return new AgentCaller(house, port, session, key, await connected(port))
  }

  poll(waitMs = 20_000, more: readonly string[] = [], key = this.key): string {
    return this.text('lease', { slots: 1, waitMs }, more, key)
  }

  text(what: string, document: object, more: readonly string[] = [], key = this.key): string {
    const body = JSON.stringify(document)
    const framing = more.some((line) => /^(?:content-length|transfer-encoding):/i.test(line))
    return [
      `POST /v1/agents/self/sessions/${this.session}/${what} HTTP/1.1`,
      'Host: x',
      `Authorization: Bearer ${key}`,
      'Content-Type: application/json',
      ...(framing ? [] : [`Content-Length: ${body.length}`]),
      ...more,
      '',
      body,
    ].join('\r\n')
  }

  /** Sends it; when it has begun to wait: has the HTTP server let go of it? */
  async waiting(text: string): Promise<boolean> {
    const { waiting } = this.house.ctx
    const before = waiting.size
    const request = once(this.house.app.server, 'request')
    this.socket.write(text)
    const [seen] = (await request) as [IncomingMessage]
    await this.waits(before + 1)
    return seen.socket.destroyed
  }

  async waits(count: number): Promise<void> {
    while (this.house.ctx.waiting.size !== count) await turn()
  }

  /** One more answer; its body is an object. */
  async answer(): Promise<RawReply> {
    await this.told.until(/\r\n\r\n\{.*\}$/s)
    const reply = parseReply(this.told.text)
    this.told.text = ''
    return reply
  }
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** What differs from one answer to the next. */
export function alike(text: string): string {
  return text
    .replace(/^(date|x-request-id): .*\r\n/gim, '')
    .replaceAll(/req_\w+/g, 'req')
    .split('\r\n')
    .map((line) => line.replace(/^[\w-]+: /, (name) => name.toLowerCase()))
    .sort()
    .join('\n')
}
