// What really leaves, byte by byte: one request, framed by us, with what a receiver needs to know.

import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { HttpTarget } from '../../src/domain/target.ts'
import { asOk, dispatcherFor, never, specOf, tcpServer, type WorkChanges, workOf } from './support.ts'

type Wire = { text: string; line: string; headers: [string, string][]; body: string }

/** Sends one work to a sink of bytes and gives back all that arrived. */
async function wire(
  t: TestContext,
  http: Partial<HttpTarget>,
  changes: WorkChanges = {},
  name?: string,
): Promise<Wire> {
  let text = ''
  const { url } = await tcpServer(t, (socket) => {
    let answered = false
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      if (answered || !text.includes('\r\n\r\n') || text.length < wholeLength(text)) return
      answered = true
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    })
  })
  const dispatcher = dispatcherFor(t)
  const spec = specOf({ ...http, url: url + (http.url ?? '/') } as HttpTarget, {}, name)
  asOk(await dispatcher.dispatch(workOf(spec, changes), never))
  await dispatcher[Symbol.asyncDispose]()
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [line = '', ...fields] = head.split('\r\n')
  const headers = fields.map((field): [string, string] => {
    const colon = field.indexOf(': ')
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 2)]
  })
  return { text, line, headers, body: rest.join('\r\n\r\n') }
}

function wholeLength(text: string): number {
  return text.indexOf('\r\n\r\n') + 4 + Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0)
}

function header({ headers }: Wire, name: string): string | undefined {
  const values = headers.filter(([each]) => each === name).map(([, value]) => value)
  assert.ok(values.length <= 1, `${name} is sent ${values.length} times`)
  return values[0]
}

test('a run tells who it is', async (t) => {
  const sent = await wire(
    t,
    { url: '/ring?a=b%20c' },
    { run: { id: 'run_01K', trigger: 'manual', late: true, fence: 12 }, attempt: { number: 3 } },
  )
  assert.equal(sent.line, 'GET /ring?a=b%20c HTTP/1.1')
  assert.equal(header(sent, 'user-agent'), 'carillon-test')
  assert.equal(header(sent, 'idempotency-key'), 'run_01K')
  assert.equal(header(sent, 'carillon-run-id'), 'run_01K')
  assert.equal(header(sent, 'carillon-job-id'), 'job_00000000000000000000000007')
  assert.equal(header(sent, 'carillon-job-name'), 'nightly-report')
  assert.equal(header(sent, 'carillon-attempt'), '3')
  assert.equal(header(sent, 'carillon-due-at'), '2027-01-31T02:30:00.000Z')
  assert.equal(header(sent, 'carillon-fence'), '12')
  assert.equal(header(sent, 'carillon-trigger'), 'manual')
  assert.equal(header(sent, 'carillon-late'), 'true')
  assert.match(header(sent, 'traceparent')!, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  assert.equal(header(sent, 'content-type'), undefined)
  assert.equal(header(sent, 'content-length'), undefined)
})

test('a run on time does not say late, a name of any script is encoded', async (t) => {
  const sent = await wire(t, {}, {}, 'Nächtlicher Bericht')
  assert.equal(header(sent, 'carillon-late'), undefined)
  assert.equal(header(sent, 'carillon-job-name'), 'N%C3%A4chtlicher%20Bericht')
})

const bodies: [string, Partial<HttpTarget>, unknown, string, string | undefined, string | undefined][] = [
  ['text', { body: 'plain é' }, null, 'POST', 'text/plain;charset=utf-8', 'plain é'],
  ['JSON', { body: { a: [1, 'é'] } }, null, 'POST', 'application/json', '{"a":[1,"é"]}'],
  ['a JSON null', { body: null }, null, 'POST', 'application/json', 'null'],
  [
    'a named type',
    { body: '<x/>', headers: { 'content-TYPE': 'text/xml' } },
    null,
    'POST',
    'text/xml',
    '<x/>',
  ],
  ['an empty text', { body: '' }, null, 'POST', 'text/plain;charset=utf-8', ''],
  ['parameters instead', { body: 'old' }, { new: true }, 'POST', 'application/json', '{"new":true}'],
  ['parameters as text', { body: { old: 1 } }, 'new', 'POST', 'text/plain;charset=utf-8', 'new'],
  ['parameters for a target without a method', {}, { a: 1 }, 'POST', 'application/json', '{"a":1}'],
  ['parameters for an explicit GET', { method: 'GET' }, { a: 1 }, 'GET', undefined, ''],
  ['a body with PUT', { method: 'PUT', body: 'x' }, null, 'PUT', 'text/plain;charset=utf-8', 'x'],
  ['a body with DELETE', { method: 'DELETE', body: 'x' }, null, 'DELETE', 'text/plain;charset=utf-8', 'x'],
  ['no body with POST', { method: 'POST' }, null, 'POST', undefined, ''],
]

for (const [name, target, params, method, contentType, body] of bodies) {
  test(`body: ${name}`, async (t) => {
    const sent = await wire(t, target, { run: { params } })
    assert.equal(sent.line, `${method} / HTTP/1.1`)
    assert.equal(header(sent, 'content-type'), contentType)
    assert.equal(Buffer.from(sent.body, 'latin1').toString(), body)
    const carries = method === 'POST' || method === 'PUT' || body !== ''
    assert.equal(header(sent, 'content-length'), carries ? String(Buffer.byteLength(body ?? '')) : undefined)
  })
}

test('its own headers go out as written; ours, framing and broken ones do not, even from the store', async (t) => {
  const sent = await wire(t, {
    method: 'POST',
    body: 'GET /smuggled HTTP/1.1\r\nHost: victim\r\n\r\n',
    headers: {
      'X-Own': 'é',
      'User-Agent': 'mine',
      Accept: 'text/csv',
      Host: 'victim.example',
      'Content-Length': '3',
      'content-length': '3',
      'Transfer-Encoding': 'chunked',
      Connection: 'X-Own, close',
      'Keep-Alive': 'timeout=99',
      Upgrade: 'h2c',
      TE: 'trailers',
      Trailer: 'X-A',
      Expect: '100-continue',
      'Proxy-Authorization': 'Basic x',
      'Idempotency-Key': 'forged',
      'Carillon-Run-Id': 'forged',
      'carillon-Fence': '999',
      Traceparent: 'forged',
      'X-Split': 'a\r\nX-Injected: 1',
      'X Space': '1',
      'X-Colon:': '1',
      'X-Wide': '夜',
    },
  })
  assert.equal(header(sent, 'x-own'), 'é')
  assert.equal(header(sent, 'user-agent'), 'mine')
  assert.equal(header(sent, 'accept'), 'text/csv')
  assert.match(header(sent, 'host')!, /^127\.0\.0\.1:\d+$/)
  assert.equal(header(sent, 'content-length'), '40')
  assert.equal(header(sent, 'connection'), 'keep-alive')
  assert.equal(header(sent, 'carillon-fence'), '7')
  for (const name of [
    'transfer-encoding',
    'keep-alive',
    'upgrade',
    'te',
    'trailer',
    'expect',
    'proxy-authorization',
  ]) {
    assert.equal(header(sent, name), undefined, name)
  }
  for (const name of ['x-split', 'x-injected', 'x space', 'x-colon:', 'x-wide']) {
    assert.equal(header(sent, name), undefined, name)
  }
  assert.ok(!sent.text.includes('forged'))
  // The only other request line is inside the body that Content-Length announced.
  assert.equal(sent.text.length, wholeLength(sent.text))
  assert.equal(sent.body, 'GET /smuggled HTTP/1.1\r\nHost: victim\r\n\r\n')
})

test('nothing in a url becomes a second line', async (t) => {
  for (const path of ['/a\r\nX-Injected: 1', '/a b', '/ä?q=ö', '/%0d%0aX:1', '/?a=\u2028', '/"<>`{}|\\^']) {
    const sent = await wire(t, { url: path })
    assert.match(sent.line, /^GET \/[\x21-\x7e]* HTTP\/1\.1$/, path)
    assert.equal(header(sent, 'x-injected'), undefined)
  }
})

test('the proxy of the environment is not asked', async (t) => {
  const proxy = await tcpServer(t, (socket) => socket.destroy())
  const names = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']
  const before = names.map((name) => process.env[name])
  t.after(() => {
    for (const [index, name] of names.entries()) {
      if (before[index] === undefined) delete process.env[name]
      else process.env[name] = before[index]
    }
  })
  for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : proxy.url
  await wire(t, {})
  assert.equal(proxy.sockets.length, 0)
})
