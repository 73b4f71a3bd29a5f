// A real issuer, another program, and a real server that trusts it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ISSUER_LIMITS } from '../../src/adapters/oidc/renewed.ts'
import { TrustedIssuers } from '../../src/adapters/oidc/trusted-issuers.ts'
import { createAddressGuard } from '../../src/dispatch/address-guard.ts'
import { createGuardedFetch } from '../../src/dispatch/guarded-fetch.ts'
import { createWebCaller } from '../../src/dispatch/web-caller.ts'
import { CarillonError, createClient } from '../../src/sdk/index.ts'
import { CLOSED, OPEN } from '../dispatch/support.ts'
import { Folder } from '../support/folder.ts'
import { IdentityProvider, providerKeys } from '../support/identity-provider-process.ts'
import { ServerProcess } from '../support/server-process.ts'
import { systemClock } from '../support/system-clock.ts'

const NONE = { when: {}, scopes: [], scopesFrom: 'scope', projects: null, projectsFrom: null }

function trusted(issuer: string, policy = OPEN) {
  let later = 0
  const troubles: string[] = []
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + later }
  const services = createGuardedFetch(createAddressGuard(policy))
  const web = createWebCaller(services, { clock: systemClock, userAgent: 'test' })
  const issuers = new TrustedIssuers({
    issuers: [
      {
        issuer,
        audience: ['carillon'],
        algorithms: ['ES256'],
        clockToleranceMs: 0,
        grants: [NONE],
        login: null,
        terminal: null,
      },
    ],
    web,
    clock,
    onTrouble: (_, reason) => troubles.push(reason),
  })
  return {
    issuers,
    troubles,
    advance: (ms: number) => {
      later += ms
    },
    [Symbol.asyncDispose]: () => services[Symbol.asyncDispose](),
  }
}

test('a server takes the tokens of an issuer, and goes on when it is gone', async () => {
  using folder = new Folder()
  await using provider = await IdentityProvider.start()
  const oidc = [{ issuer: provider.issuer, audience: 'carillon' }]
  await using server = await ServerProcess.start({
    dataDir: folder.path,
    env: { CARILLON_OIDC: JSON.stringify(oidc) },
  })
  const as = (token: string) => createClient({ url: server.url, apiKey: token, retries: 0 })
  const writer = as(await provider.robotToken('jobs:write'))
  await writer.jobs.create({ name: 'a', schedule: {}, target: { http: { url: 'https://example.com/' } } })
  const reader = as(await provider.robotToken('jobs:read'))
  assert.equal((await reader.jobs.list()).items.length, 1)
  await assert.rejects(
    reader.jobs.delete('a'),
    (error) => error instanceof CarillonError && error.status === 403,
  )
  const entries = await server.client.audit.list({ action: 'job.create' })
  assert.deepEqual(entries.items[0]!.detail.actor, {
    kind: 'oidc',
    issuer: provider.issuer,
    subject: 'robot',
  })
  await provider[Symbol.asyncDispose]()
  assert.equal((await reader.jobs.list()).items.length, 1)
})

test('an issuer that changes its keys is followed', async () => {
  await using first = await IdentityProvider.start()
  await using world = trusted(first.issuer)
  const old = await first.robotToken('jobs:read')
  assert.equal((await world.issuers.verify(old))?.subject, 'robot')
  await first[Symbol.asyncDispose]()
  await using second = await IdentityProvider.start({ port: first.port, keys: await providerKeys('second') })
  assert.equal(second.issuer, first.issuer)
  const fresh = await second.robotToken('jobs:read')
  world.advance(ISSUER_LIMITS.cooldownMs)
  assert.equal((await world.issuers.verify(fresh))?.subject, 'robot')
  assert.equal(await world.issuers.verify(old), null, 'its key has been withdrawn')
  assert.deepEqual(world.troubles, [])
})

test('the way to an issuer is the guarded one', async () => {
  await using provider = await IdentityProvider.start()
  await using world = trusted(provider.issuer, CLOSED)
  assert.equal(await world.issuers.verify(await provider.robotToken('jobs:read')), null)
  assert.match(world.troubles.join(), /not allowed here/)
})
