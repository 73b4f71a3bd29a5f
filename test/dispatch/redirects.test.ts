// Redirects on the wire: off unless asked for, each hop under the same deadline.

import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import test, { type TestContext } from 'node:test'
import { withSecrets } from '../../src/dispatch/secret/with-secrets.ts'
import { asError, asOk, closedPort, dispatcherFor, httpServer, never, workOf } from './support.ts'

type Seen = {
  method: string
  url: string
  authorization: string | undefined
  run: string | undefined
  body: string
}

/** Answers /302?to=x with a redirect to x, everything else with 200. */
async function redirecting(t: TestContext): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = []
  const { url } = await httpServer(t, async (request, response) => {
    seen.push({
      method: request.method!,
      url: request.url!,
      authorization: request.headers.authorization,
      run: request.headers['carillon-run-id'] as string | undefined,
      body: await text(request),
    })
    const { pathname, searchParams } = new URL(request.url!, 'http://x')
    const status = Number(pathname.slice(1, 4))
    if (status >= 300)
      response.writeHead(status, { location: searchParams.get('to') ?? pathname }).end('moved')
    else response.end('there')
  })
  return { url, seen }
}

async function text(request: IncomingMessage): Promise<string> {
  let all = ''
  for await (const chunk of request) all += chunk
  return all
}

test('by default a redirect is an answer', async (t) => {
  const { url, seen } = await redirecting(t)
  const outcome = asError(await dispatcherFor(t).dispatch(workOf({ url: `${url}/302?to=/x` }), never))
  assert.deepEqual([outcome.code, outcome.reached], ['http_status', 'yes'])
  assert.match(outcome.message, /^answered 302 Found; redirects are followed only up to redirectsMax$/)
  assert.equal(outcome.response?.headers.location, '/x')
  assert.equal(seen.length, 1)
})

test('an accepted redirect is a good answer and not followed', async (t) => {
  const { url, seen } = await redirecting(t)
  const target = { url: `${url}/302?to=/x`, acceptStatus: ['3xx'], redirectsMax: 5 }
  assert.equal(asOk(await dispatcherFor(t).dispatch(workOf(target), never)).status, 302)
  assert.equal(seen.length, 1)
})

const matrix: [number, string, string, string][] = [
  [301, 'POST', 'GET', ''],
  [302, 'POST', 'GET', ''],
  [303, 'POST', 'GET', ''],
  [307, 'POST', 'POST', 'b'],
  [308, 'POST', 'POST', 'b'],
  [303, 'PUT', 'GET', ''],
  [301, 'PUT', 'PUT', 'b'],
]

for (const [status, method, after, body] of matrix) {
  test(`${status} after ${method} asks by ${after}`, async (t) => {
    const { url, seen } = await redirecting(t)
    const work = workOf({
      url: `${url}/${status}?to=/end`,
      method,
      body: 'b',
      redirectsMax: 1,
      headers: { Authorization: 'Bearer x' },
    })
    assert.equal(asOk(await dispatcherFor(t).dispatch(work, never)).body, 'there')
    assert.deepEqual(seen[1], {
      method: after,
      url: '/end',
      authorization: 'Bearer x',
      run: work.run.id,
      body,
    })
  })
}

test('another origin does not get the credentials', async (t) => {
  const [one, other] = [await redirecting(t), await redirecting(t)]
  const to = encodeURIComponent(`${other.url}/end`)
  const target = {
    url: `${one.url}/307?to=${to}`,
    method: 'POST',
    body: 'b',
    redirectsMax: 1,
    headers: { Authorization: 'Bearer x', Cookie: 'a=b' },
  }
  asOk(await dispatcherFor(t).dispatch(workOf(target), never))
  assert.equal(one.seen[0]!.authorization, 'Bearer x')
  assert.equal(other.seen[0]!.authorization, undefined)
  assert.equal(other.seen[0]!.body, 'b')
})

test('what carries a secret or a token of its run does not go to another origin', async (t) => {
  const [one, other] = [await redirecting(t), await redirecting(t)]
  const to = encodeURIComponent(`${other.url}/end`)
  const target = {
    url: `${one.url}/307?to=${to}`,
    method: 'POST',
    body: { k: '{{secret.k}}' },
    redirectsMax: 1,
    headers: { 'X-API-Key': '{{secret.k}}' },
  }
  const http = dispatcherFor(t)
  const filled = withSecrets({ ...http, batchKey: http.batchKey }, async () => ({ k: 'a secret value' }))
  const batch = { ...target, batch: {} }
  const { secrets: _, ...plain } = workOf({ ...target, headers: {}, body: 'b' })
  for (const outcome of [
    await filled.dispatch(workOf(target), never),
    ...(await filled.dispatchBatch([workOf(batch)], never)),
    await http.dispatch({ ...plain, token: 'the token' } as never, never),
  ]) {
    assert.ok(outcome.kind === 'error')
    assert.deepEqual([outcome.code, outcome.retryable], ['redirect', false])
    assert.match(outcome.message, /^the redirect was not followed: it leads to another origin/)
  }
  assert.equal(one.seen.length, 3)
  assert.deepEqual(other.seen, [])
})

test('a loop ends after redirectsMax hops', async (t) => {
  const { url, seen } = await redirecting(t)
  const outcome = asError(
    await dispatcherFor(t).dispatch(workOf({ url: `${url}/302`, redirectsMax: 3 }), never),
  )
  assert.deepEqual(
    [outcome.code, outcome.reached, outcome.retryable, outcome.message],
    ['redirect', 'yes', false, 'more than 3 redirects'],
  )
  assert.equal(seen.length, 4)
})

test('a redirect without a location is an answer like any other', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.writeHead(302).end())
  const outcome = asError(await dispatcherFor(t).dispatch(workOf({ url, redirectsMax: 3 }), never))
  assert.equal(outcome.code, 'http_status')
  assert.equal(outcome.message, 'answered 302 Found')
})

for (const location of ['ftp://x.example/', 'file:///etc/passwd', 'http://user:pw@127.0.0.1/', 'http://[']) {
  test(`a redirect to ${location} is refused`, async (t) => {
    const { url } = await httpServer(t, (_, response) => response.writeHead(302, { location }).end())
    const outcome = asError(await dispatcherFor(t).dispatch(workOf({ url, redirectsMax: 3 }), never))
    assert.equal(outcome.code, 'redirect')
    assert.match(outcome.message, /^the redirect was not followed: it /)
  })
}

test('a hop that nobody takes: the first was reached, so nobody can say no', async (t) => {
  const { url } = await redirecting(t)
  const to = `http://127.0.0.1:${await closedPort()}/`
  const target = { url: `${url}/307?to=${encodeURIComponent(to)}`, redirectsMax: 2 }
  const outcome = asError(await dispatcherFor(t).dispatch(workOf(target), never))
  assert.deepEqual([outcome.code, outcome.reached], ['connect_refused', 'maybe'])
  assert.ok(outcome.message.includes(new URL(to).host))
})

test('all hops share one deadline', async (t) => {
  const { url } = await httpServer(t, (_, response) => {
    setTimeout(() => response.writeHead(302, { location: '/' }).end(), 60)
  })
  // A deadline for each hop would never pass: it would end as too many redirects.
  const outcome = await dispatcherFor(t).dispatch(workOf({ url, redirectsMax: 5, timeout: '150ms' }), never)
  assert.equal(outcome.kind, 'timeout')
})
