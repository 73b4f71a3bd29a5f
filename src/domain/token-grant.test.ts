import assert from 'node:assert/strict'
import { test } from 'node:test'
import { claimTexts, type Grant, grantOf } from './token-grant.ts'

const grant = (over: Partial<Grant>): Grant => ({
  when: {},
  scopes: [],
  scopesFrom: null,
  projects: null,
  projectsFrom: null,
  ...over,
})

test('the first grant whose conditions are met counts, and it alone', () => {
  const grants = [
    grant({ when: { groups: ['sre'] }, scopes: ['admin'], projects: ['a'] }),
    grant({ when: { groups: ['dev', 'ops'] }, scopes: ['jobs:read'], projects: ['b'] }),
    grant({ when: { groups: ['dev'], mfa: ['true'] }, scopes: ['jobs:write'] }),
  ]
  assert.deepEqual(grantOf({ groups: ['dev', 'sre'] }, grants), { scopes: ['admin'], projects: ['a'] })
  assert.deepEqual(grantOf({ groups: 'ops' }, grants), { scopes: ['jobs:read'], projects: ['b'] })
  for (const claims of [
    {},
    { groups: [] },
    { groups: 'sre-team' },
    { groups: { sre: true } },
    { groups: null },
  ])
    assert.equal(grantOf(claims, grants), null, JSON.stringify(claims))
})

test('all conditions of a grant are to be met', () => {
  const grants = [grant({ when: { group: ['dev'], mfa: ['true'] }, scopes: ['jobs:write'] })]
  assert.notEqual(grantOf({ group: 'dev', mfa: true }, grants), null)
  assert.equal(grantOf({ group: 'dev' }, grants), null)
  assert.equal(grantOf({ group: 'dev', mfa: false }, grants), null)
})

test('a star stands for any end, and nothing else does', () => {
  const grants = [grant({ when: { sub: ['repo:acme/web:*'] }, scopes: ['runs:write'] })]
  assert.notEqual(grantOf({ sub: 'repo:acme/web:ref:refs/heads/main' }, grants), null)
  assert.equal(grantOf({ sub: 'repo:acme/website:ref' }, grants), null)
  assert.equal(grantOf({ sub: 'x repo:acme/web:ref' }, grants), null)
})

test('a claim of scopes gives those of jobs and runs, never admin', () => {
  const grants = [grant({ scopesFrom: 'scope' })]
  assert.deepEqual(grantOf({ scope: 'openid runs:write admin agent jobs:read' }, grants), {
    scopes: ['jobs:read', 'runs:write'],
    projects: null,
  })
  assert.deepEqual(grantOf({ scope: ['jobs:read'] }, grants)?.scopes, ['jobs:read'])
  for (const scope of ['openid', 'admin', '', 'JOBS:READ', 7, null])
    assert.equal(grantOf({ scope }, grants), null, String(scope))
})

test('a claim that lists projects bounds them; without it there are none', () => {
  const grants = [grant({ scopes: ['jobs:read'], projectsFrom: 'tenant' })]
  assert.deepEqual(grantOf({ tenant: ['a', 'b'] }, grants)?.projects, ['a', 'b'])
  assert.equal(grantOf({}, grants), null)
  assert.equal(grantOf({ tenant: Array.from({ length: 900 }, String) }, grants)?.projects?.length, 100)
})

test('claims are found by name or by path, own members only', () => {
  const claims = { 'https://a.example/roles': ['x'], realm_access: { roles: ['y'] } }
  assert.deepEqual(claimTexts(claims, 'https://a.example/roles'), ['x'])
  assert.deepEqual(claimTexts(claims, 'realm_access.roles'), ['y'])
  for (const path of ['constructor.name', '__proto__', 'realm_access.length', 'realm_access.roles.0.0'])
    assert.deepEqual(claimTexts(claims, path), [], path)
})
