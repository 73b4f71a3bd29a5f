// Tokens that calls show their receivers: who calls, checked by keys that anybody can fetch.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeProtectedHeader,
  type JSONWebKeySet,
  jwtVerify,
} from 'jose'
import { OwnTokenMint, TOKEN_KEY_MS, TOKEN_MS } from '../../src/adapters/oidc/token-mint.ts'
import { KeyRing, makeSealingKey } from '../../src/adapters/system/key-ring.ts'
import { withTokens } from '../../src/dispatch/with-tokens.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { asError, asOk, closedPort, dispatcherFor, httpServer, never, workOf } from '../dispatch/support.ts'
import { assertProblem, openHouse, PING } from '../rest/house.ts'
import { Folder } from '../support/folder.ts'
import { ADMIN_KEY, ServerProcess } from '../support/server-process.ts'
import { SinkProcess } from '../support/sink-process.ts'
import { until } from '../support/until.ts'

const ISSUER = 'https://carillon.example.com'
const AUDIENCE = 'https://billing.example.com'
const WHOLE = 1_000 * TOKEN_KEY_MS

describe('keys', () => {
  const kept = new Map<string, string>()
  const keep = async (name: string, value: string): Promise<string> => {
    if (!kept.has(name)) kept.set(name, value)
    return kept.get(name)!
  }
  const sealing = makeSealingKey()
  const mintAt = (clock: { now: () => number }, ring = new KeyRing([sealing])) =>
    new OwnTokenMint({ issuer: ISSUER, vault: ring, clock, keep, newId: randomUUID })
  const claims = { aud: AUDIENCE, sub: 'project:p:job:j', about: { project: 'p', run: 'r', attempt: 1 } }
  const checked = async (token: string, mint: OwnTokenMint, now: number, audience = AUDIENCE) => {
    const set = createLocalJWKSet({ keys: await mint.keys() } as unknown as JSONWebKeySet)
    return jwtVerify(token, set, {
      issuer: ISSUER,
      audience,
      currentDate: new Date(now),
      algorithms: ['ES256'],
    })
  }

  test('a token says who calls, whom it is for, and not for long', async () => {
    const mint = mintAt({ now: () => WHOLE })
    const token = await mint.mint(claims)
    const { payload } = await checked(token, mint, WHOLE)
    const { iat, exp, jti, ...rest } = payload
    assert.deepEqual(rest, { iss: ISSUER, aud: AUDIENCE, sub: claims.sub, carillon: claims.about })
    assert.equal(exp! - iat!, TOKEN_MS / 1_000)
    const other = await checked(await mint.mint(claims), mint, WHOLE)
    assert.notEqual(other.payload.jti, jti, 'each is another')
    await assert.rejects(checked(token, mint, WHOLE, 'https://else.example.com'))
    await assert.rejects(checked(token, mint, WHOLE + TOKEN_MS))
  })

  test('every node has the same', async () => {
    const [one, other] = [mintAt({ now: () => WHOLE }), mintAt({ now: () => WHOLE })]
    assert.deepEqual(await one.keys(), await other.keys())
    await checked(await one.mint(claims), other, WHOLE)
  })

  test('they change with time, known before they sign and a while after', async () => {
    let now = WHOLE + TOKEN_KEY_MS - 1
    const mint = mintAt({ now: () => now })
    const before = createLocalJWKSet({ keys: await mint.keys() } as unknown as JSONWebKeySet)
    const last = await mint.mint(claims)
    now += 1
    const first = await mint.mint(claims)
    assert.notEqual(decodeProtectedHeader(first).kid, decodeProtectedHeader(last).kid)
    const currentDate = new Date(now)
    await jwtVerify(first, before, { issuer: ISSUER, audience: AUDIENCE, currentDate })
    await checked(last, mint, now)
    now += TOKEN_KEY_MS
    const kids = (await mint.keys()).map(({ kid }) => kid)
    assert.ok(kids.includes(decodeProtectedHeader(last).kid) === false, 'in the end it is forgotten')
    assert.ok(kids.includes(decodeProtectedHeader(first).kid))
  })

  test('nothing that is kept or published signs', async () => {
    const mint = mintAt({ now: () => WHOLE })
    for (const key of await mint.keys()) {
      assert.deepEqual(Object.keys(key).toSorted(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    }
    for (const value of kept.values()) assert.ok(!/"d"/.test(value))
  })

  test('one whose seal is lost is followed by another', async () => {
    const ring = new KeyRing([makeSealingKey()])
    const mint = mintAt({ now: () => WHOLE }, ring)
    await checked(await mint.mint(claims), mint, WHOLE)
    const old = mintAt({ now: () => WHOLE })
    await checked(await old.mint(claims), mint, WHOLE)
  })

  test('a store that fails is asked again', async () => {
    let fails = true
    const failing = async (name: string, value: string): Promise<string> => {
      if (fails) throw new Error('away')
      return keep(name, value)
    }
    const parts = {
      issuer: ISSUER,
      vault: new KeyRing([sealing]),
      clock: { now: () => WHOLE },
      newId: () => 'i',
    }
    const mint = new OwnTokenMint({ ...parts, keep: failing })
    await assert.rejects(mint.mint(claims))
    fails = false
    await mint.mint(claims)
  })
})

describe('calls', () => {
  const auth = { oidc: { audience: AUDIENCE } }

  test('each shows its own, and what repeats it is masked', async (t) => {
    const { url } = await httpServer(t, (request, response) => response.end(request.headers.authorization))
    let minted = 0
    const dispatcher = withTokens(dispatcherFor(t), async (work, audience, together) => {
      minted += 1
      return `token-${minted}-${audience}-${work.run.id}-${together}`
    })
    for (const n of [1, 2]) {
      const outcome = asOk((await dispatcher.dispatch(workOf({ url, auth }), never)) as Outcome)
      assert.equal(minted, n)
      assert.doesNotMatch(outcome.body ?? '', /token-/)
      assert.match(outcome.body ?? '', /^Bearer /)
    }
    await dispatcher.dispatch(workOf({ url }), never)
    assert.equal(minted, 2, 'who asks for none gets none')
  })

  test('a batch shows one, and only what is for one receiver and one project leaves together', async (t) => {
    const shown: (string | undefined)[] = []
    const { url } = await httpServer(t, (request, response) => {
      shown.push(request.headers.authorization)
      response.end()
    })
    const dispatcher = withTokens(
      dispatcherFor(t),
      async (_, audience, together) => `${audience} ${together}`,
    )
    const http = { url, auth, batch: {} }
    const works = [workOf(http), workOf(http)]
    await dispatcher.dispatchBatch(works, never)
    assert.deepEqual(shown, [`Bearer ${AUDIENCE} true`])
    const key = (target: object, run = {}) => dispatcher.batchKey(workOf({ ...http, ...target }, { run }))
    assert.equal(key({}), key({}))
    assert.notEqual(key({}), key({ auth: { oidc: { audience: 'other' } } }))
    assert.notEqual(key({}), key({}, { projectId: 'prj_2' }))
    assert.notEqual(key({}), key({ auth: undefined }))
  })

  test('where none can be made nothing is sent', async (t) => {
    let asked = 0
    const { url } = await httpServer(t, (_, response) => {
      asked += 1
      response.end()
    })
    const dispatcher = withTokens(dispatcherFor(t), () => Promise.reject(new Error('no key')))
    const outcome = asError((await dispatcher.dispatch(workOf({ url, auth }), never)) as Outcome)
    assert.deepEqual([outcome.code, outcome.reached, asked], ['token_unmade', 'no', 0])
    const both = await dispatcher.dispatchBatch([workOf({ url, auth, batch: {} })], never)
    assert.deepEqual([both.length, asked], [1, 0])
  })
})

test('a server that makes none refuses jobs that ask for one, and has no keys to show', async () => {
  await using house = await openHouse()
  const auth = { oidc: { audience: AUDIENCE } }
  const http = { url: 'https://example.com/' }
  for (const [body, pointer] of [
    [{ ...PING, target: { http: { ...http, auth } } }, '/target/http/auth'],
    [{ ...PING, callback: { ...http, auth } }, '/callback/auth'],
  ] as const) {
    const { errors } = assertProblem(await house.ask('POST', '/v1/jobs', { body }), 422, 'invalid')
    assert.deepEqual([errors[0]?.pointer, errors[0]?.code], [pointer, 'tokens_unmade'])
  }
  assertProblem(await house.ask('GET', '/.well-known/jwks.json', { key: null }), 404, 'not_found')
  assertProblem(await house.ask('GET', '/.well-known/openid-configuration', { key: null }), 404, 'not_found')
})

describe('a server and its receiver', () => {
  const folder = new Folder()
  let server: ServerProcess
  let sink: SinkProcess
  before(async () => {
    sink = await SinkProcess.start(folder.file('heard'))
    const port = await closedPort()
    const listen = `127.0.0.1:${port}`
    const args = ['--public-url', `http://${listen}`]
    server = await ServerProcess.start({ dataDir: folder.file('data'), listen, args })
  })
  after(async () => {
    await server[Symbol.asyncDispose]()
    await sink[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  test('calls and callbacks carry tokens that the published keys confirm', { timeout: 60_000 }, async () => {
    const job = await server.client.jobs.create({
      name: 'shown',
      schedule: {},
      target: { http: { url: `${sink.url}/call`, auth: { oidc: { audience: 'urn:call' } } } },
      callback: { url: `${sink.url}/told`, auth: { oidc: { audience: 'urn:told' } } },
    })
    const run = await server.client.jobs.trigger('shown')
    const heard = await until('both arrived', 20_000, () => {
      const all = sink.heard()
      return all.length === 2 ? all : null
    })
    const described = (await (await fetch(`${server.url}/.well-known/openid-configuration`)).json()) as {
      issuer: string
      jwks_uri: string
    }
    assert.equal(described.issuer, server.url)
    const keys = createRemoteJWKSet(new URL(described.jwks_uri))
    const claims = async (path: string, audience: string) => {
      const { headers } = heard.find((one) => one.path === path)!
      const token = headers.authorization!.replace(/^Bearer /, '')
      return (await jwtVerify(token, keys, { issuer: server.url, audience })).payload
    }
    const call = await claims('/call', 'urn:call')
    assert.equal(call.sub, `project:prj_default:job:${job.id}`)
    assert.deepEqual(call['carillon'], {
      project: 'prj_default',
      job: job.id,
      jobName: 'shown',
      run: run.id,
      attempt: 1,
    })
    const told = await claims('/told', 'urn:told')
    assert.deepEqual(told['carillon'], { project: 'prj_default', job: job.id, run: run.id })
    await assert.rejects(claims('/told', 'urn:call'), 'each is for one receiver')
  })

  test('what makes no sense is refused', async () => {
    const http = { url: 'https://example.com/' }
    const bad: readonly object[] = [
      { ...http, auth: { oidc: { audience: '' } } },
      { ...http, auth: { oidc: { audience: 'a b' } } },
      { ...http, auth: { oidc: {} } },
      { ...http, auth: {} },
      { ...http, auth: { oidc: { audience: 'a', scope: 'b' } } },
      { ...http, auth: { oidc: { audience: '{{secret.a}}' } } },
      { ...http, auth: { oidc: { audience: 'a' } }, headers: { authorization: 'Basic x' } },
    ]
    for (const target of bad) {
      const reply = await fetch(`${server.url}/v1/jobs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'bad', schedule: {}, target: { http: target } }),
      })
      assert.equal(reply.status, 422, JSON.stringify(target))
    }
  })
})
