// What comes first on a connection tells whether requests on it may be set aside. Whatever comes, it is read and refused as on a
// connection where none may.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { HTTP_SERVER_LIMITS } from '../../src/doors/http/limits.ts'
import { AgentCaller, alike, EMPTY, turn } from './agent-caller.ts'
import { type House, openHouse } from './house.ts'
import { collector, exchange, parseReply } from './raw-socket.ts'

const REQUESTS = 8

let house: House
let agent: AgentCaller
before(async () => {
  house = await openHouse()
  agent = await AgentCaller.open(house)
})
after(() => house[Symbol.asyncDispose]())

const OTHER = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'

/** All answers on an agent's connection, then on one that has begun otherwise; until the other end closes. */
async function both(text: string | Buffer): Promise<[string, string]> {
  const plain = connect(agent.port, '127.0.0.1')
  const told = collector(plain)
  plain.write(OTHER)
  await told.until(/\}$/)
  told.text = ''
  plain.end(text)
  await once(plain, 'close')
  const socket = connect(agent.port, '127.0.0.1')
  const heard = collector(socket)
  socket.end(text)
  await once(socket, 'close')
  return [heard.text, told.text]
}

const CLOSE = 'Connection: close'
const bare = (line: string, ...headers: string[]): string =>
  `${[line, 'Host: x', ...headers].join('\r\n')}\r\n\r\n`
const LEASE = '/v1/agents/self/sessions/ses_x/lease'
const ODD: readonly [what: string, text: () => string | Buffer, status: number][] = [
  ['a poll that does not wait', () => agent.poll(0, [CLOSE]), 200],
  ['two at once', () => agent.poll(0) + agent.poll(0, [CLOSE]), 200],
  ['a wrong key', () => agent.poll(0, [CLOSE], `${agent.key}x`), 401],
  ['no key', () => bare(`POST ${LEASE} HTTP/1.1`, 'Content-Length: 0', CLOSE), 401],
  ['a key of somebody else', () => agent.poll(0, [CLOSE], house.admin), 403],
  ['another session', () => agent.poll(0, [CLOSE]).replace(agent.session, 'ses_other'), 409],
  ['no such place', () => agent.poll(0, [CLOSE]).replace('/lease ', '/leases '), 404],
  ['another method', () => agent.poll(0, [CLOSE]).replace('POST', 'PUT'), 405],
  ['no JSON', () => agent.poll(0, [CLOSE]).replace('{"slots"', '{"slot'), 400],
  ['both lengths', () => agent.poll(0, ['Content-Length: 3', 'Transfer-Encoding: chunked']), 400],
  ['two lengths', () => agent.poll(0, ['Content-Length: 3', 'Content-Length: 25']), 400],
  ['a length that is no number', () => agent.poll(0, ['Content-Length: +25']), 400],
  ['lines that end in LF', () => agent.poll(0, [CLOSE]).replaceAll('\r\n', '\n'), 400],
  ['a folded header', () => agent.poll(0, ['X-A: 1\r\n 2', CLOSE]), 400],
  ['a space before the colon', () => agent.poll(0, ['X-A : 1', CLOSE]), 400],
  ['a NUL in a header', () => agent.poll(0, ['X-A: \0', CLOSE]), 400],
  ['no version', () => agent.poll(0).replace(' HTTP/1.1', ''), 200],
  ['version 2', () => agent.poll(0).replace('HTTP/1.1', 'HTTP/2.0'), 200],
  ['version 1.0', () => agent.poll(0).replace('HTTP/1.1', 'HTTP/1.0'), 200],
  ['no host', () => agent.poll(0, [CLOSE]).replace('Host: x\r\n', ''), 400],
  ['an upgrade', () => agent.poll(0, ['Connection: Upgrade', 'Upgrade: h2c']), 200],
  ['the preface of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['TLS', () => Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00]), 400],
  ['64 KB of headers', () => agent.poll(0, [`X-A: ${'a'.repeat(65_536)}`]), 431],
  ['200 headers', () => agent.poll(0, [...Array.from({ length: 200 }, (_, n) => `X${n}: 1`), CLOSE]), 431],
  ['20 KB of address', () => bare(`POST /v1/agents/self/${'a'.repeat(20_000)} HTTP/1.1`), 414],
  [
    'too long a body',
    () =>
      bare(
        `POST ${LEASE} HTTP/1.1`,
        `Authorization: Bearer ${agent.key}`,
        'Content-Type: application/json',
        'Content-Length: 1048577',
      ),
    413,
  ],
  [
    'a chunked body',
    () =>
      agent
        .poll(0, ['Transfer-Encoding: chunked', CLOSE])
        .replace('{"slots":1,"waitMs":0}', '16\r\n{"slots":1,"waitMs":0}\r\n0\r\n\r\n'),
    200,
  ],
  [
    'a bad chunk',
    () =>
      agent
        .poll(0, ['Transfer-Encoding: chunked', CLOSE])
        .replace('{"slots":1,"waitMs":0}', 'zz\r\n{}\r\n0\r\n\r\n'),
    400,
  ],
  ['an expectation', () => agent.poll(0, ['Expect: 100-continue', CLOSE]), 100],
  ['an expectation that nobody meets', () => agent.poll(0, ['Expect: more', CLOSE]), 417],
  ['a body shorter than it says', () => agent.poll(0, ['Content-Length: 400']), 400],
  [
    'a poll inside a body',
    () => agent.poll(0, [CLOSE, `Content-Length: ${10 + agent.poll(0).length}`]) + agent.poll(0),
    400,
  ],
]

for (const [what, text, status] of ODD) {
  test(`${what}: answered as on any other connection`, async () => {
    const [one, other] = await both(text())
    assert.equal(alike(one).replaceAll(/r=\d+;t=\d+/g, ''), alike(other).replaceAll(/r=\d+;t=\d+/g, ''))
    if (other !== '') assert.equal(parseReply(one).status, status, one)
  })
}

for (const [what, more, change] of [
  ['says Expect: 100-continue', ['Expect: 100-continue'], (text: string) => text],
  [
    'is chunked',
    ['Transfer-Encoding: chunked'],
    (text: string) =>
      text.replace(/\{.*\}$/, (body) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`),
  ],
  ['wants another protocol', ['Connection: Upgrade', 'Upgrade: h2c'], (text: string) => text],
  ['closes', [CLOSE], (text: string) => text],
  ['is of HTTP/1.0', [], (text: string) => text.replace('HTTP/1.1', 'HTTP/1.0')],
  ['is long', [`X-A: ${'a'.repeat(5_000)}`], (text: string) => text],
  ['comes after an empty line', [], (text: string) => text],
] as const) {
  test(`a poll that ${what} waits as every other request`, async () => {
    const caller = await agent.again()
    const text = change(caller.poll(100, more))
    const after = what.includes('empty line')
    if (after) {
      caller.socket.write(caller.text('beat', { held: [] }))
      await caller.answer()
    }
    const aside = await caller.waiting(after ? `\r\n\r\n${text}` : text)
    assert.ok(!aside, 'the HTTP server has it')
    house.clock.advance(100)
    await caller.told.until(EMPTY)
    assert.equal(caller.told.text.split('HTTP/1.1 200').length, 2)
    caller.socket.destroy()
    await caller.waits(0)
  })
}

test('the first request may come in any two pieces', async () => {
  for (let at = 1; at < 40; at += 1) {
    const caller = await agent.again()
    caller.socket.setNoDelay(true)
    const text = caller.poll(100)
    caller.socket.write(text.slice(0, at))
    await turn()
    await caller.waiting(text.slice(at))
    house.clock.advance(100)
    assert.equal((await caller.answer()).body, EMPTY)
    caller.socket.destroy()
  }
})

test('an agent that comes too often is told so, and its poll counts once', async () => {
  await using strict = await openHouse({ limits: { requestsPerMinute: REQUESTS } })
  const caller = await AgentCaller.open(strict)
  let left = REQUESTS
  for (;;) {
    caller.socket.write(caller.poll(1_000))
    while (strict.ctx.waiting.size === 0 && caller.told.text === '') await turn()
    if (caller.told.text !== '') break
    // All of them in one moment: nothing comes back meanwhile.
    strict.ctx.waiting.wakeSessions([caller.session])
    const { status, headers } = await caller.answer()
    assert.equal(status, 200)
    const [, rest] = /ratelimit: "default";r=(\d+)/i.exec(headers) ?? []
    assert.ok(Number(rest) < left)
    if (left < REQUESTS) assert.equal(Number(rest), left - 1)
    left = Number(rest)
  }
  const { status, headers, body } = await caller.answer()
  assert.equal(status, 429)
  assert.equal(left, 0)
  assert.match(headers, /retry-after: \d/i)
  assert.equal(JSON.parse(body).code, 'rate_limited')
  caller.socket.destroy()
})

test('whoever says nothing, or not enough, is refused in time, also after a poll', {
  timeout: 60_000,
}, async () => {
  await using short = await openHouse()
  const caller = await AgentCaller.open(short)
  const { server } = short.app
  assert.equal(server.headersTimeout, HTTP_SERVER_LIMITS.headersTimeoutMs)
  server.headersTimeout = 300
  server.requestTimeout = 500
  const beginnings = [
    '',
    'POST /v1/ag',
    'POST /v1/agents/self/',
    caller.poll().slice(0, 100),
    caller.poll().slice(0, -3),
  ]
  const answers = beginnings.map(async (text) => {
    const reply = parseReply(await exchange(caller.port, text))
    assert.equal(reply.status, 408, text)
    assert.match(reply.body, /request_timeout/)
  })
  const late = ['POST', caller.poll().slice(0, -3)].map(async (text) => {
    const polled = await caller.again()
    const { socket } = polled
    const closed = once(socket, 'close')
    await polled.waiting(polled.poll(1_000))
    short.ctx.waiting.wakeSessions([caller.session])
    await polled.told.until(EMPTY)
    polled.told.text = ''
    socket.write(text)
    await closed
    assert.equal(parseReply(polled.told.text).status, 408, text)
  })
  await Promise.all([...answers, ...late])
})

test('a connection on which nothing more comes after a poll is closed', { timeout: 20_000 }, async () => {
  await using short = await openHouse()
  const caller = await AgentCaller.open(short)
  const other = await caller.again()
  short.app.server.keepAliveTimeout = 100
  const closed = Promise.all([once(caller.socket, 'close'), once(other.socket, 'close')])
  await caller.waiting(caller.poll(1_000))
  short.clock.advance(1_000)
  assert.match((await caller.answer()).headers, /keep-alive: timeout=/i)
  other.socket.write(other.text('beat', { held: [] }))
  await other.answer()
  await closed
})

test('nothing of this was our fault', () => assert.deepEqual(house.faults, []))
