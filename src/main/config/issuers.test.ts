import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { issuers } from './issuers.ts'
import { loadConfig } from './load-config.ts'

const ISSUER = { issuer: 'https://login.example.com', audience: 'carillon' }
const read = (value: unknown) => issuers.read(JSON.stringify(value))

test('an issuer with nothing said: asymmetric algorithms, the scopes of the token, a little tolerance', () => {
  const result = read([ISSUER])
  assert.ok('value' in result)
  assert.deepEqual(result.value, [
    {
      issuer: 'https://login.example.com',
      audience: ['carillon'],
      algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
      clockToleranceMs: 30_000,
      grants: [{ when: {}, scopes: [], scopesFrom: 'scope', projects: null, projectsFrom: null }],
      login: null,
      terminal: null,
    },
  ])
})

test('what is written reads as the same', () => {
  const grants = [
    { when: { groups: ['a', 'b'], mfa: true }, roles: ['operator'], scopes: 'jobs:write', projects: ['x'] },
    { scopesFrom: 'scp', projectsFrom: 'tenants' },
  ]
  const result = read([{ ...ISSUER, algorithms: 'ES256', clockTolerance: '1m', grants }])
  assert.ok('value' in result, JSON.stringify(result))
  assert.deepEqual(result.value[0]!.grants[0]!.scopes, ['jobs:read', 'runs:write', 'jobs:write'])
  assert.deepEqual(issuers.read(issuers.write(result.value)), result)
})

test('people come in by it where it has a client', () => {
  const result = read([
    { ...ISSUER, login: { clientId: 'page' }, terminal: { clientId: 'cli', resource: 'urn:x' } },
  ])
  assert.ok('value' in result, JSON.stringify(result))
  const { login, terminal } = result.value[0]!
  assert.deepEqual(login, {
    clientId: 'page',
    title: null,
    scopes: ['openid', 'profile', 'email'],
    visitMs: 12 * 3_600_000,
  })
  assert.deepEqual(terminal, { clientId: 'cli', scopes: ['openid', 'offline_access'], resource: 'urn:x' })
  assert.deepEqual(issuers.read(issuers.write(result.value)), result)
})

test('the secret of a client is for one issuer', async () => {
  const secret = (logins: readonly object[]) =>
    loadConfig({
      mode: 'server',
      hostname: 'h',
      terminal: false,
      flags: {},
      env: { CARILLON_OIDC: JSON.stringify(logins), CARILLON_OIDC_CLIENT_SECRET: 'a-client-secret' },
      readFile: () => null,
    })
  const login = { clientId: 'page' }
  const one = { ...ISSUER, login }
  const other = { ...one, issuer: 'https://login.example.org' }
  assert.deepEqual((await secret([one, { ...other, login: undefined }])).problems, [])
  for (const logins of [[ISSUER], [one, other]]) {
    const { problems } = await secret(logins)
    assert.match(problems[0]!.detail, /one issuer with a `login`/)
    assert.ok(!JSON.stringify(problems).includes('a-client-secret'))
  }
})

test('the file holds it as it is', async () => {
  const text = [
    'oidc:',
    '  - issuer: https://login.example.com',
    '    audience: carillon',
    '    grants:',
    '      - when: { groups: sre }',
    '        roles: [admin]',
  ].join('\n')
  const { config, problems } = await loadConfig({
    mode: 'server',
    hostname: 'h',
    terminal: false,
    flags: { config: '/c.yaml' },
    env: {},
    readFile: (path) => (path === '/c.yaml' ? { text, mode: 0o600 } : null),
  })
  assert.deepEqual(problems, [])
  assert.deepEqual(config.oidc[0]!.grants[0]!.scopes, ['admin'])
})

describe('what would let in more than was meant is refused', () => {
  const refused: readonly (readonly [what: string, value: unknown, says: RegExp])[] = [
    ['no list', ISSUER, /no list/],
    ['no audience', [{ issuer: ISSUER.issuer }], /audience is missing/],
    ['an empty audience', [{ ...ISSUER, audience: [] }], /audience is missing/],
    ['none', [{ ...ISSUER, algorithms: ['none'] }], /algorithms has "none"/],
    ['a shared secret', [{ ...ISSUER, algorithms: ['RS256', 'HS256'] }], /algorithms has "HS256"/],
    ['no algorithm', [{ ...ISSUER, algorithms: [] }], /algorithms is empty/],
    ['in clear', [{ ...ISSUER, issuer: 'http://login.example.com' }], /https:\/\//],
    ['a query', [{ ...ISSUER, issuer: 'https://login.example.com?a' }], /without a query/],
    ['the same twice', [ISSUER, ISSUER], /stands at \[0\] already/],
    ['a misspelt member', [{ ...ISSUER, audiences: 'x' }], /has "audiences"/],
    ['a misspelt condition', [{ ...ISSUER, grants: [{ whem: {}, roles: ['admin'] }] }], /has "whem"/],
    ['an unknown role', [{ ...ISSUER, grants: [{ roles: ['root'] }] }], /viewer, operator/],
    ['an agent', [{ ...ISSUER, grants: [{ scopes: ['agent'] }] }], /has "agent"/],
    ['nothing granted', [{ ...ISSUER, grants: [{ when: { a: 'b' } }] }], /grants nothing/],
    [
      'a condition without value',
      [{ ...ISSUER, grants: [{ when: { a: [] }, roles: ['admin'] }] }],
      /no value/,
    ],
    ['no project', [{ ...ISSUER, grants: [{ roles: ['admin'], projects: [] }] }], /projects is empty/],
    ['a long tolerance', [{ ...ISSUER, clockTolerance: '1h' }], /up to 5m/],
    ['a login without a client', [{ ...ISSUER, login: {} }], /login.clientId is missing/],
    [
      'a login that names nobody',
      [{ ...ISSUER, login: { clientId: 'a', scopes: ['email'] } }],
      /lacks "openid"/,
    ],
    ['a visit without end', [{ ...ISSUER, login: { clientId: 'a', visit: '30d' } }], /up to 7d/],
    ['more than fits', Array.from({ length: 21 }, () => ISSUER), /more than 20/],
  ]
  for (const [what, value, says] of refused) {
    test(what, () => {
      const result = read(value)
      assert.ok('detail' in result, JSON.stringify(result))
      assert.match(result.detail, says)
    })
  }
  test('no JSON', () => assert.ok('detail' in issuers.read('https://login.example.com')))
})

test('in clear on this machine is allowed, for trying out', () => {
  for (const issuer of ['http://127.0.0.1:9000', 'http://localhost:9000/realms/a', 'http://[::1]:9000'])
    assert.ok('value' in read([{ ...ISSUER, issuer }]), issuer)
})
