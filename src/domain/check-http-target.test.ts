import assert from 'node:assert/strict'
import test from 'node:test'
import { checkHttpTarget } from './check-http-target.ts'
import { Problems } from './errors.ts'
import { HTTP_LIMITS, type HttpTarget } from './target.ts'

const URL_OK = 'https://example.com/ring'

function problemsOf(target: Partial<HttpTarget>): string[] {
  const problems = new Problems()
  checkHttpTarget({ url: URL_OK, ...target }, problems, '/t')
  for (const { detail } of problems.list) assert.match(detail, /^["A-Z0-9].*\.$/s, detail)
  return problems.list.map(({ pointer, code }) => `${pointer} ${code}`)
}

const urls: [string, string | null][] = [
  ['https://example.com', null],
  ['http://example.com:8080/a?b=c', null],
  ['HTTPS://EXAMPLE.COM/', null],
  ['http://bücher.example/', null],
  ['https://example.com/a%23b', null],
  ['', 'url_invalid'],
  ['example.com/x', 'url_invalid'],
  ['//example.com/x', 'url_invalid'],
  ['/x', 'url_invalid'],
  ['http://', 'url_invalid'],
  ['http:example.com', 'url_invalid'],
  ['http:/example.com', 'url_invalid'],
  ['http://exa mple.com/', 'url_invalid'],
  ['http://example.com/\r\nx', 'url_invalid'],
  ['http://example.com/\tx', 'url_invalid'],
  [' http://example.com/', 'url_invalid'],
  ['http://example.com:0/', 'url_invalid'],
  ['http://example.com:99999/', 'url_invalid'],
  ['http://256.256.256.256/', 'url_invalid'],
  ['ftp://example.com/', 'url_scheme'],
  ['file:///etc/passwd', 'url_scheme'],
  ['javascript:alert(1)', 'url_scheme'],
  ['gopher://example.com/', 'url_scheme'],
  ['data:text/plain,x', 'url_scheme'],
  ['ws://example.com/', 'url_scheme'],
  ['unix:/var/run/docker.sock', 'url_scheme'],
  ['example.com:80/x', 'url_scheme'],
  ['https://user:secret@example.com/', 'url_credentials'],
  ['https://token@example.com/', 'url_credentials'],
  ['https://example.com/#top', 'url_fragment'],
  ['https://example.com/#', 'url_fragment'],
  [`https://example.com/${'x'.repeat(HTTP_LIMITS.urlMax)}`, 'url_too_long'],
]

for (const [url, code] of urls) {
  test(`url ${JSON.stringify(url.slice(0, 60))}: ${code ?? 'fine'}`, () => {
    assert.deepEqual(problemsOf({ url }), code === null ? [] : [`/t/url ${code}`])
  })
}

for (const method of ['CONNECT', 'TRACE', 'GE T', 'get', 'Post', '', 'X'.repeat(200), 'GET\r\nX: y']) {
  test(`method ${JSON.stringify(method.slice(0, 20))} is refused`, () => {
    assert.deepEqual(problemsOf({ method }), ['/t/method method_invalid'])
  })
}

const RESERVED = [
  'Host',
  'content-length',
  'Transfer-Encoding',
  'CONNECTION',
  'Keep-Alive',
  'Upgrade',
  'TE',
  'Trailer',
  'Expect',
  'Proxy-Authorization',
  'proxy-connection',
  'Idempotency-Key',
  'Carillon-Run-Id',
  'carillon-anything',
  'traceparent',
]

for (const name of RESERVED) {
  test(`header ${name} is reserved`, () => {
    assert.deepEqual(problemsOf({ headers: { [name]: '1' } }), [`/t/headers/${name} header_reserved`])
  })
}

for (const name of ['', 'a b', 'a:b', 'a\r\nb', 'ä', 'a\0', 'a(b)', 'Content-Length ', ' Host']) {
  test(`header name ${JSON.stringify(name)} is invalid`, () => {
    assert.deepEqual(problemsOf({ headers: { [name]: '1' } }), [`/t/headers/${name} header_invalid`])
  })
}

for (const value of ['a\r\nHost: b', 'a\nb', 'a\rb', 'a\0b', '夜', 'a\x7f', '\x1b[0m']) {
  test(`header value ${JSON.stringify(value)} is invalid`, () => {
    assert.deepEqual(problemsOf({ headers: { 'X-Own': value } }), ['/t/headers/X-Own header_invalid'])
  })
}

test('a header name with "/" has an escaped pointer', () => {
  assert.deepEqual(problemsOf({ headers: { 'a/b': '1' } }), ['/t/headers/a~1b header_invalid'])
})

test('headers are counted, weighed and compared without case', () => {
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`X-${n}`, '1']))
  assert.deepEqual(problemsOf({ headers: many }), ['/t/headers headers_too_many'])
  assert.deepEqual(problemsOf({ headers: { 'X-Big': 'x'.repeat(16_384) } }), ['/t/headers headers_too_large'])
  assert.deepEqual(problemsOf({ headers: { 'X-A': '1', 'x-a': '2' } }), ['/t/headers/x-a header_duplicate'])
  assert.deepEqual(problemsOf({ headers: { 'X-Latin': 'é', Authorization: 'Bearer x', 'X-Empty': '' } }), [])
})

test('a body needs a method that carries one, and a bound', () => {
  assert.deepEqual(problemsOf({ method: 'GET', body: 'x' }), [])
  assert.deepEqual(problemsOf({ method: 'HEAD', body: 'x' }), ['/t/body body_unexpected'])
  assert.deepEqual(problemsOf({ method: 'HEAD', body: {} }), ['/t/body body_unexpected'])
  assert.deepEqual(problemsOf({ body: { a: 1 } }), [])
  assert.deepEqual(problemsOf({ method: 'DELETE', body: null }), [])
  assert.deepEqual(problemsOf({ body: 'x'.repeat(HTTP_LIMITS.bodyBytesMax) }), [])
  assert.deepEqual(problemsOf({ body: `é${'x'.repeat(HTTP_LIMITS.bodyBytesMax - 1)}` }), [
    '/t/body body_too_large',
  ])
})

test('statuses, timeouts and counts', () => {
  assert.deepEqual(problemsOf({ acceptStatus: [200, '3xx', '400-404', '418'] }), [])
  assert.deepEqual(problemsOf({ acceptStatus: ['2xx,700', 99, 600, '9xx', '404-400', 200.5, ''] }), [
    '/t/acceptStatus/0 status_pattern',
    '/t/acceptStatus/1 status_pattern',
    '/t/acceptStatus/2 status_pattern',
    '/t/acceptStatus/3 status_pattern',
    '/t/acceptStatus/4 status_pattern',
    '/t/acceptStatus/5 status_pattern',
    '/t/acceptStatus/6 status_pattern',
  ])
  assert.deepEqual(problemsOf({ acceptStatus: [] }), ['/t/acceptStatus status_pattern'])
  for (const timeout of ['1ms', '24h', 'PT30S']) assert.deepEqual(problemsOf({ timeout }), [])
  for (const timeout of ['0s', '25h']) assert.deepEqual(problemsOf({ timeout }), ['/t/timeout range'])
  for (const timeout of ['', 'soon', '10']) assert.deepEqual(problemsOf({ timeout }), ['/t/timeout duration'])
  assert.deepEqual(problemsOf({ responseBytesMax: 0, redirectsMax: 5 }), [])
  assert.deepEqual(problemsOf({ responseBytesMax: HTTP_LIMITS.responseBytesMax + 1, redirectsMax: 6 }), [
    '/t/responseBytesMax range',
    '/t/redirectsMax range',
  ])
  assert.deepEqual(problemsOf({ responseBytesMax: -1, redirectsMax: 0.5 }), [
    '/t/responseBytesMax range',
    '/t/redirectsMax range',
  ])
})

test('a batch needs a body and sane limits', () => {
  assert.deepEqual(problemsOf({ batch: {} }), [])
  assert.deepEqual(problemsOf({ batch: {}, method: 'GET' }), ['/t/batch batch_method'])
  assert.deepEqual(problemsOf({ batch: { maxItems: 0, maxBytes: HTTP_LIMITS.batchBytesMax + 1 } }), [
    '/t/batch/maxItems range',
    '/t/batch/maxBytes range',
  ])
})

test('all problems are told, not the first', () => {
  const found = problemsOf({
    url: 'ftp://x',
    method: 'TRACE',
    headers: { Host: 'x' },
    timeout: 'x',
    redirectsMax: 9,
  })
  assert.equal(found.length, 5)
})
