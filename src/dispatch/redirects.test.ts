import assert from 'node:assert/strict'
import test from 'node:test'
import type { WireRequest } from './exchange.ts'
import { nextHop } from './redirects.ts'

const POST: WireRequest = {
  origin: 'https://one.example',
  path: '/a/b?c=1',
  method: 'POST',
  headers: ['Authorization', 'Bearer x', 'cookie', 'a=b', 'Content-Type', 'text/plain', 'X-Own', '1'],
  body: Buffer.from('hello'),
}

function follow(status: number, location: string, from: WireRequest = POST): WireRequest {
  const hop = nextHop(from, status, location)
  if (hop.kind !== 'follow') throw new Error(hop.message)
  return hop.request
}

const methods: [number, string, string][] = [
  [301, 'POST', 'GET'],
  [302, 'POST', 'GET'],
  [303, 'POST', 'GET'],
  [307, 'POST', 'POST'],
  [308, 'POST', 'POST'],
  [301, 'PUT', 'PUT'],
  [302, 'DELETE', 'DELETE'],
  [303, 'PUT', 'GET'],
  [303, 'HEAD', 'HEAD'],
  [301, 'GET', 'GET'],
  [308, 'PATCH', 'PATCH'],
]

for (const [status, method, expected] of methods) {
  test(`${status} makes ${expected} of ${method}`, () => {
    const request = follow(status, '/x', { ...POST, method })
    assert.equal(request.method, expected)
    assert.equal(request.body === null, expected !== method)
    assert.equal(request.headers.includes('Content-Type'), expected === method)
  })
}

test('credentials stay at their origin', () => {
  const names = (request: WireRequest) => request.headers.filter((_, n) => n % 2 === 0)
  assert.deepEqual(names(follow(307, '/x')), ['Authorization', 'cookie', 'Content-Type', 'X-Own'])
  for (const elsewhere of ['https://two.example/', 'https://one.example:444/', '//three.example/x']) {
    assert.deepEqual(names(follow(307, elsewhere)), ['Content-Type', 'X-Own'], elsewhere)
  }
})

test('what carries a secret stays at its origin as a whole', () => {
  const bound = { ...POST, bound: true }
  for (const status of [301, 302, 303, 307, 308]) {
    const hop = nextHop(bound, status, 'https://two.example/')
    assert.match(hop.kind === 'refuse' ? hop.message : '', /another origin, and the request carries a secret/)
  }
  const next = follow(307, '/x', bound)
  assert.equal(nextHop(next, 307, 'https://one.example:444/').kind, 'refuse')
})

test('relative locations lead on from where we are', () => {
  assert.equal(follow(302, 'd').path, '/a/d')
  assert.equal(follow(302, '?e=2').path, '/a/b?e=2')
  assert.equal(follow(302, '//two.example/f').origin, 'https://two.example')
})

for (const location of [
  'http://one.example/',
  'ftp://one.example/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'https://user:secret@one.example/',
  'https://[',
]) {
  test(`a redirect to ${location} is refused`, () => {
    assert.equal(nextHop(POST, 302, location).kind, 'refuse')
  })
}
