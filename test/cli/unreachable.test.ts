// What a person is told when the server does not answer, or something else does.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { problem, startStubServer } from '../sdk/stub-server.ts'
import { carillon } from './cli.ts'

const key = { CARILLON_API_KEY: 'crl_secret' }

/** Where somebody listened a moment ago. */
async function quietAddress(): Promise<string> {
  await using server = await startStubServer(() => ({}))
  return server.url
}

test('nothing listens: exit 6, and how to start one', async () => {
  const url = await quietAddress()
  const { code, out, err } = await carillon(['--url', url, 'job', 'list'])
  assert.deepEqual([code, out], [6, ''])
  assert.equal(
    err,
    `error: Nothing answers at ${url}.\n` +
      'hint: Start a server with "carillon up", or say where it is with --url or CARILLON_URL.\n',
  )
})

test('a name without an address: exit 6', async () => {
  const { code, err } = await carillon(['--url', 'http://no-such-host.invalid', 'job', 'list'])
  assert.equal(code, 6)
  assert.match(err, /The name no-such-host\.invalid has no address/)
})

test('a page of HTML: exit 6, and the doubt about the address', async () => {
  await using server = await startStubServer(() => ({
    text: '<html>',
    headers: { 'content-type': 'text/html' },
  }))
  const { code, err } = await carillon(['--url', server.url, 'job', 'list'])
  assert.equal(code, 6)
  assert.match(err, /answered 200 \(text\/html\), which is not an answer of Carillon/)
  assert.match(err, /hint: Is http:\/\/127\.0\.0\.1:\d+ the address of a Carillon server\?/)
})

test('a certificate nobody vouches for: exit 6, and how to trust it', async () => {
  const pem = (name: string): string =>
    readFileSync(new URL(`./self-signed/${name}.pem`, import.meta.url), 'utf8')
  const server = createServer({ key: pem('key'), cert: pem('certificate') })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const { code, err } = await carillon(['--url', `https://127.0.0.1:${port}`, 'job', 'list'])
  server.close()
  assert.equal(code, 6)
  assert.match(err, /certificate of https:\/\/127\.0\.0\.1:\d+ is not signed by an authority/)
  assert.match(err, /NODE_EXTRA_CA_CERTS/)
})

test('https where plain HTTP is spoken: exit 6, and the address to try', async () => {
  await using server = await startStubServer(() => ({ json: {} }))
  const { code, err } = await carillon(['--url', server.url.replace('http:', 'https:'), 'job', 'list'])
  assert.equal(code, 6)
  assert.match(err, /does not speak TLS\.\nhint: Try http:\/\/127/)
})

const REFUSALS = [
  { status: 401, code: 'unauthenticated', exit: 4, hint: /The key from CARILLON_API_KEY does not open/ },
  { status: 403, code: 'forbidden', exit: 4, hint: /Use a key with the scope/ },
  { status: 404, code: 'not_found', exit: 3, hint: null },
  { status: 404, code: 'route_not_found', exit: 3, hint: /it may be older/ },
  { status: 409, code: 'name_taken', exit: 3, hint: null },
  { status: 412, code: 'version_conflict', exit: 3, hint: /Somebody was faster/ },
  { status: 422, code: 'invalid', exit: 2, hint: null },
  { status: 500, code: 'internal', exit: 1, hint: /req_1/ },
  { status: 507, code: 'storage_full', exit: 1, hint: /req_1/ },
]

for (const { status, code, exit, hint } of REFUSALS) {
  test(`${status} ${code}: exit ${exit}`, async () => {
    await using server = await startStubServer(() => problem(status, code, 'It is refused.'))
    const result = await carillon(['--url', server.url, 'job', 'get', 'x'], { env: key })
    assert.equal(result.code, exit)
    assert.match(result.err, /^error: It is refused\.\n/)
    if (hint === null) assert.doesNotMatch(result.err, /hint:/)
    else assert.match(result.err, hint)
  })
}

test('without a key the hint says so', async () => {
  await using server = await startStubServer(() => problem(401, 'unauthenticated', 'A key is needed.'))
  const { err } = await carillon(['--url', server.url, 'job', 'list'], {
    env: { CARILLON_DATA_DIR: '/nowhere' },
  })
  assert.match(err, /No key was sent\. Set CARILLON_API_KEY/)
})

test('a stack is shown for CARILLON_DEBUG alone', async () => {
  const { err } = await carillon(['--url', 'http://127.0.0.1:9', 'job', 'list'], {
    env: { CARILLON_DEBUG: '1' },
  })
  assert.match(err, /\n\s+at /)
})
