// Tokens of an issuer that is trusted: what is good opens what it says, and whatever is wrong is refused alike.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { exportSPKI, importJWK, type JWTPayload } from 'jose'
import { ISSUER_LIMITS } from '../../src/adapters/oidc/renewed.ts'
import { TrustedIssuers } from '../../src/adapters/oidc/trusted-issuers.ts'
import type { Grant } from '../../src/domain/token-grant.ts'
import type { TrustedIssuer } from '../../src/ports/issuers.ts'
import type { Store } from '../../src/ports/store.ts'
import type { AuditEntry } from '../../src/protocol/audit.ts'
import { assertProblem, type House, openHouse, PING, type Reply } from '../rest/house.ts'
import { counted } from '../support/counted-store.ts'
import { ISSUER, type Pair, PaperIssuer, pair } from './paper-issuer.ts'

const NONE: Grant = { when: {}, scopes: [], scopesFrom: null, projects: null, projectsFrom: null }
const BY_SCOPE: Grant = { ...NONE, scopesFrom: 'scope' }

let key: Pair
let rsa: Pair
before(async () => {
  key = await pair('key-1')
  rsa = await pair('rsa-1', 'RS256')
})

type World = AsyncDisposable & {
  readonly house: House
  readonly issuer: PaperIssuer
  readonly refused: string[]
  ask(token: string, method?: string, url?: string, body?: object): Promise<Reply>
}

async function world(
  over: Partial<TrustedIssuer> = {},
  limits = {},
  store: (store: Store) => Store = (store) => store,
): Promise<World> {
  let issuer: PaperIssuer | undefined
  const refused: string[] = []
  const house = await openHouse({
    limits,
    store,
    issuers: (clock) => {
      issuer = new PaperIssuer(key, clock.now)
      const trusted: TrustedIssuer = {
        issuer: ISSUER,
        audience: ['carillon'],
        algorithms: ['RS256', 'ES256', 'EdDSA'],
        clockToleranceMs: 30_000,
        grants: [BY_SCOPE],
        login: null,
        terminal: null,
        ...over,
      }
      const onRefused = (_: string, reason: string): unknown => refused.push(reason)
      return new TrustedIssuers({ issuers: [trusted], web: issuer, clock, onRefused })
    },
  })
  return {
    house,
    issuer: issuer!,
    refused,
    ask: (token, method = 'GET', url = '/v1/jobs', body) =>
      house.ask(method, url, { key: token, ...(body === undefined ? {} : { body }) }),
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  }
}

test('a token opens what its scopes say, and nothing else', async () => {
  await using w = await world()
  const reader = await w.issuer.token()
  assert.equal((await w.ask(reader)).status, 200)
  assertProblem(await w.ask(reader, 'POST', '/v1/jobs', PING), 403, 'forbidden')
  const writer = await w.issuer.token({ scope: 'jobs:write' })
  assert.equal((await w.ask(writer, 'POST', '/v1/jobs', PING)).status, 201)
  assertProblem(await w.ask(writer, 'GET', '/v1/keys'), 403, 'forbidden')
  // As X-API-Key too, for clients that know no other header.
  assert.equal(
    (await w.house.ask('GET', '/v1/jobs', { key: null, headers: { 'x-api-key': reader } })).status,
    200,
  )
})

test('claims give roles, and projects where they hold', async () => {
  const grants = [
    { ...NONE, when: { groups: ['sre'] }, scopes: ['admin'] as const },
    { ...NONE, when: { groups: ['dev'] }, scopes: ['jobs:write'] as const, projects: ['mine', 'to-come'] },
  ]
  await using w = await world({ grants })
  await w.house.ask('POST', '/v1/projects', { body: { name: 'mine' } })
  const sre = await w.issuer.token({ groups: ['x', 'sre'] })
  assert.equal((await w.ask(sre, 'GET', '/v1/keys')).status, 200)
  const dev = await w.issuer.token({ groups: ['dev'] })
  assert.equal((await w.ask(dev, 'POST', '/v1/jobs', { ...PING, project: 'mine' })).status, 201)
  assertProblem(await w.ask(dev, 'POST', '/v1/jobs', { ...PING, project: 'default' }), 404, 'not_found')
  assertProblem(await w.ask(dev, 'GET', '/v1/jobs?project=to-come'), 404, 'not_found')
  assertProblem(await w.ask(await w.issuer.token({ groups: ['ops'] })), 401, 'unauthenticated')
})

test('however many projects a token names, the store is asked for them once', async () => {
  const grants = [{ ...NONE, scopes: ['jobs:read'] as const, projectsFrom: 'tenants' }]
  const asked: string[] = []
  await using w = await world({ grants }, {}, (store) => counted(store, asked))
  const tenants = Array.from({ length: 100 }, (_, n) => `project-${n}`)
  const token = await w.issuer.token({ tenants: ['default', ...tenants] })
  assert.equal((await w.ask(token)).status, 200)
  assert.deepEqual(
    asked.filter((step) => step.startsWith('projects.')),
    ['projects.named'],
  )
})

test('whose projects are not there yet is nobody', async () => {
  await using w = await world({ grants: [{ ...NONE, scopes: ['admin'], projects: ['to-come'] }] })
  assertProblem(await w.ask(await w.issuer.token()), 401, 'unauthenticated')
})

test('the audit says who it was, and who vouched', async () => {
  await using w = await world()
  const token = await w.issuer.token({
    sub: 'u-7',
    email: 'anna@example.com',
    scope: 'jobs:write',
  })
  await w.ask(token, 'POST', '/v1/jobs', PING)
  const { body } = await w.house.ask<{ items: AuditEntry[] }>('GET', '/v1/audit?action=job.create')
  const [entry] = body.items
  assert.match(entry!.actorId, /^oidc_[0-9A-F]{26}$/)
  assert.equal(entry!.actorName, 'anna@example.com')
  assert.deepEqual(entry!.detail.actor, { kind: 'oidc', issuer: ISSUER, subject: 'u-7' })
  // The same person is the same actor whatever token they show; another is another.
  const again = await w.issuer.token({ sub: 'u-7', scope: 'jobs:write', jti: 'other' })
  const other = await w.issuer.token({ sub: 'u-8', email: 'anna@example.com', scope: 'jobs:write' })
  await w.ask(again, 'POST', '/v1/jobs', { ...PING, name: 'b' })
  await w.ask(other, 'POST', '/v1/jobs', { ...PING, name: 'c' })
  const mine = await w.house.ask<{ items: AuditEntry[] }>('GET', `/v1/audit?actor=${entry!.actorId}`)
  assert.equal(mine.body.items.length, 2)
})

test('a token is no key: it signs nobody in at the page and makes no link', async () => {
  await using w = await world({ grants: [{ ...NONE, scopes: ['admin'] }] })
  const token = await w.issuer.token()
  const headers = { 'sec-fetch-site': 'same-origin' }
  const signIn = await w.house.ask('POST', '/v1/visit', { key: null, headers, body: { key: token } })
  assertProblem(signIn, 401, 'unauthenticated')
  assertProblem(await w.ask(token, 'POST', '/v1/visit/tickets'), 403, 'forbidden')
})

test('algorithms that are allowed are taken', async () => {
  await using w = await world()
  for (const alg of ['RS256', 'ES256', 'EdDSA']) {
    const other = await pair(`by-${alg}`, alg)
    w.issuer.keys = [...w.issuer.keys, other.jwk]
    w.house.clock.advance(ISSUER_LIMITS.cooldownMs)
    assert.equal((await w.ask(await w.issuer.token({}, {}, other))).status, 200, alg)
  }
})

describe('whatever is wrong is refused, and all of it alike', () => {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const unsigned = (claims: JWTPayload, header: object): string => `${encode(header)}.${encode(claims)}.`
  const claimsOf = (token: string): JWTPayload =>
    JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
  const hs256 = (claims: JWTPayload, kid: string, secret: string | Buffer): string => {
    const text = `${encode({ alg: 'HS256', kid })}.${encode(claims)}`
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  }
  const seconds = (w: World): number => Math.floor(w.house.clock.now() / 1_000)
  const wrong: Readonly<Record<string, (w: World) => Promise<string> | string>> = {
    'no signature (none)': async (w) => unsigned(claimsOf(await w.issuer.token()), { alg: 'none' }),
    NoNe: async (w) => unsigned(claimsOf(await w.issuer.token()), { alg: 'NoNe', kid: 'key-1' }),
    'none, with a signature': async (w) => `${unsigned(claimsOf(await w.issuer.token()), { alg: 'none' })}x`,
    'a signature cut off': async (w) => `${(await w.issuer.token()).split('.').slice(0, 2).join('.')}.`,
    'HS256 by the public key as PEM': async (w) => {
      const pem = await exportSPKI(
        (await importJWK(rsa.jwk, 'RS256', { extractable: true })) as Pair['privateKey'],
      )
      w.issuer.keys = [rsa.jwk]
      return hs256(claimsOf(await w.issuer.token()), 'rsa-1', pem)
    },
    'HS256 by the public key as JWK': async (w) =>
      hs256(claimsOf(await w.issuer.token()), 'key-1', JSON.stringify(key.jwk)),
    'HS256 by a key the issuer publishes as a secret': async (w) => {
      const secret = Buffer.alloc(32, 7)
      w.issuer.keys = [{ kty: 'oct', kid: 'oct-1', alg: 'HS256', k: secret.toString('base64url') }]
      return hs256(claimsOf(await w.issuer.token()), 'oct-1', secret)
    },
    'an algorithm that is not allowed': async (w) => {
      const other = await pair('es384', 'ES384')
      w.issuer.keys = [other.jwk]
      return w.issuer.token({}, {}, other)
    },
    'the key of another': async (w) => w.issuer.token({}, {}, { ...(await pair('key-1')), kid: 'key-1' }),
    'a key it brings along (jwk)': async (w) => {
      const own = await pair('own')
      return w.issuer.token({}, { jwk: own.jwk, kid: 'own' }, own)
    },
    'a key it points to (jku, x5u)': async (w) => {
      const own = await pair('own')
      const places = { jku: 'https://evil.example/jwks', x5u: 'https://evil.example/x5u' }
      return w.issuer.token({}, { ...places, kid: 'own' }, own)
    },
    'an unknown kid': (w) => w.issuer.token({}, { kid: 'nobody' }),
    'a kid that is a path': (w) => w.issuer.token({}, { kid: '../../dev/null' }),
    'a critical header nobody knows': async (w) => {
      const [, ...rest] = (await w.issuer.token()).split('.')
      return [encode({ alg: 'ES256', kid: 'key-1', crit: ['exp2'], exp2: 1 }), ...rest].join('.')
    },
    'another issuer': (w) => w.issuer.token({ iss: 'https://login.example.org' }),
    'the issuer with a slash': (w) => w.issuer.token({ iss: `${ISSUER}/` }),
    'no issuer': (w) => w.issuer.token({ iss: undefined }),
    'another audience': (w) => w.issuer.token({ aud: 'somebody-else' }),
    'a longer audience': (w) => w.issuer.token({ aud: 'carillon2' }),
    'no audience': (w) => w.issuer.token({ aud: undefined }),
    expired: (w) => w.issuer.token({ exp: seconds(w) - 31 }),
    'without an end': (w) => w.issuer.token({ exp: undefined }),
    'an end that is no number': (w) => w.issuer.token({ exp: 'tomorrow' }),
    'not yet': (w) => w.issuer.token({ nbf: seconds(w) + 31 }),
    'no subject': (w) => w.issuer.token({ sub: undefined }),
    'an empty subject': (w) => w.issuer.token({ sub: '' }),
    'a subject without end': (w) => w.issuer.token({ sub: 'x'.repeat(256) }),
    'no scope of ours': (w) => w.issuer.token({ scope: 'openid profile' }),
    'a wish for admin': (w) => w.issuer.token({ scope: 'admin agent' }),
    'too long': (w) => w.issuer.token({ groups: Array.from({ length: 900 }, (_, n) => `group-${n}`) }),
    'changed claims': async (w) => {
      const [header, , signature] = (await w.issuer.token()).split('.')
      const claims = claimsOf(await w.issuer.token({ scope: 'jobs:write' }))
      return `${header}.${encode(claims)}.${signature}`
    },
    'a fourth part': async (w) => `${await w.issuer.token()}.x`,
    'encrypted (five parts)': () => `${encode({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`,
    'no JSON': () => 'eyJ.eyJ.eyJ',
    'claims that are a list': () => `${encode({ alg: 'ES256' })}.${encode([])}.x`,
  }

  for (const [what, make] of Object.entries(wrong)) {
    test(what, async () => {
      await using w = await world()
      const nobody = await w.ask('carillon_unknown')
      const reply = await w.ask(await make(w))
      assertProblem(reply, 401, 'unauthenticated')
      const plain = ({ text }: Reply): string => text.replaceAll(/req_\w+/g, '')
      assert.equal(plain(reply), plain(nobody), 'as if a key were wrong')
      assert.ok(!w.issuer.asked.some((url) => url.includes('evil')))
      assert.deepEqual(w.house.faults, [])
    })
  }

  test('within the tolerance it still counts', async () => {
    await using w = await world()
    assert.equal((await w.ask(await w.issuer.token({ exp: seconds(w) - 29 }))).status, 200)
    assert.equal((await w.ask(await w.issuer.token({ nbf: seconds(w) + 29 }))).status, 200)
  })

  test('wrong tokens are counted as wrong keys are', async () => {
    await using w = await world({}, { authFailuresPerMinute: 2 })
    const token = await w.issuer.token()
    assert.equal((await w.ask(token)).status, 200)
    const statuses: number[] = []
    for (let n = 0; n < 3; n += 1) statuses.push((await w.ask(await w.issuer.token({ aud: 'x' }))).status)
    assert.deepEqual(statuses, [401, 401, 429])
    assert.equal((await w.ask(token)).status, 200, 'who was let in before is not held up')
  })
})

describe('the issuer’s keys', () => {
  test('are asked for once, whoever comes', async () => {
    await using w = await world()
    const token = await w.issuer.token()
    const replies = await Promise.all(Array.from({ length: 20 }, () => w.ask(token)))
    assert.deepEqual([...new Set(replies.map(({ status }) => status))], [200])
    assert.equal(w.issuer.fetches, 1)
  })

  test('strangers’ kids do not make us ask', async () => {
    await using w = await world()
    await w.ask(await w.issuer.token())
    w.house.clock.advance(ISSUER_LIMITS.cooldownMs)
    const strangers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => w.issuer.token({}, { kid: `k${n}` })),
    )
    for (const token of strangers) assertProblem(await w.ask(token), 401, 'unauthenticated')
    assert.equal(w.issuer.fetches, 2, 'once for all of them')
    assert.equal((await w.ask(await w.issuer.token())).status, 200)
  })

  test('a new key is found, at the latest after the cooldown', async () => {
    await using w = await world()
    await w.ask(await w.issuer.token())
    const next = await pair('key-2')
    w.issuer.keys = [key.jwk, next.jwk]
    const token = await w.issuer.token({}, {}, next)
    assert.equal((await w.ask(token)).status, 401)
    w.house.clock.advance(ISSUER_LIMITS.cooldownMs)
    assert.equal((await w.ask(token)).status, 200)
  })

  test('a key that was withdrawn counts no longer once they are asked for again', async () => {
    await using w = await world()
    const token = await w.issuer.token({ exp: Math.floor(w.house.clock.now() / 1_000) + 86_400 })
    assert.equal((await w.ask(token)).status, 200)
    w.issuer.keys = [(await pair('key-2')).jwk]
    w.house.clock.advance(ISSUER_LIMITS.freshMs + 1)
    // This one has them asked for, and does not wait for that.
    await w.ask(token)
    assert.equal((await w.ask(token)).status, 401)
  })

  test('an issuer that is away does not matter for a while, and then does', async () => {
    await using w = await world()
    const exp = Math.floor(w.house.clock.now() / 1_000) + 86_400
    const token = await w.issuer.token({ exp })
    assert.equal((await w.ask(token)).status, 200)
    w.issuer.away = true
    w.house.clock.advance(ISSUER_LIMITS.keepMs)
    assert.equal((await w.ask(token)).status, 200)
    w.house.clock.advance(1)
    assert.equal((await w.ask(token)).status, 401)
    assert.equal((await w.house.ask('GET', '/v1/jobs')).status, 200, 'keys go on')
    w.issuer.away = false
    assert.equal((await w.ask(token)).status, 401, 'not asked again at once')
    w.house.clock.advance(ISSUER_LIMITS.cooldownMs)
    assert.equal((await w.ask(token)).status, 200)
  })

  const broken: Readonly<Record<string, (issuer: PaperIssuer) => void>> = {
    'of a description that names another issuer': (issuer) => {
      issuer.description = { issuer: 'https://evil.example' }
    },
    'in clear': (issuer) => {
      issuer.description = { jwks_uri: 'http://keys.example.com/jwks' }
    },
    'from a file': (issuer) => {
      issuer.description = { jwks_uri: 'file:///etc/passwd' }
    },
    'from nowhere': (issuer) => {
      issuer.description = { jwks_uri: null }
    },
    'too many': (issuer) => {
      issuer.keys = Array.from({ length: ISSUER_LIMITS.keysMax + 1 }, () => key.jwk)
    },
  }
  for (const [what, spoil] of Object.entries(broken)) {
    test(`${what} are not taken`, async () => {
      await using w = await world()
      spoil(w.issuer)
      assertProblem(await w.ask(await w.issuer.token()), 401, 'unauthenticated')
    })
  }

  test('of the same kind without a name are each tried', async () => {
    await using w = await world()
    const other = await pair('other')
    const nameless = ({ kid: _, ...jwk }: Pair['jwk']): Pair['jwk'] => jwk
    w.issuer.keys = [nameless(other.jwk), nameless(key.jwk)]
    assert.equal((await w.ask(await w.issuer.token({}, { kid: undefined }))).status, 200)
    assert.equal((await w.ask(await w.issuer.token({}, { kid: undefined }, await pair('x')))).status, 401)
  })
})
