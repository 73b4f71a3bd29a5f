// A real issuer (oidc-provider) as a process of its own, on loopback, with everything in memory.
//
//   node identity-provider.ts '{"port": 0, "keys": [...], "clients": [...], "tokenSeconds": 300}'
//
// Whoever signs in is whom they say, with any password: "anna" is in the group sre, "ben" in dev, "eve" in none.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
// @ts-expect-error: it comes without types
import Provider from 'oidc-provider'

type Settings = {
  readonly port: number
  readonly keys: readonly object[]
  readonly clients: readonly object[]
  readonly tokenSeconds: number
  readonly audience: string
  readonly device: boolean
}

const { port, keys, clients, tokenSeconds, audience, device } = JSON.parse(process.argv[2]!) as Settings
const API = 'urn:carillon'
const SCOPES = 'jobs:read jobs:write runs:read runs:write'
const GROUPS: Readonly<Record<string, readonly string[]>> = { anna: ['sre'], ben: ['dev'] }

const server = createServer()
server.listen(port, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const claimsOf = (id: string): object => ({ sub: id, email: `${id}@example.com`, groups: GROUPS[id] ?? [] })
  const provider = new Provider(issuer, {
    clients,
    jwks: { keys },
    cookies: { keys: ['a-secret-of-a-test'] },
    claims: { openid: ['sub'], email: ['email'], groups: ['groups'] },
    scopes: ['openid', 'offline_access', 'email', 'groups', ...SCOPES.split(' ')],
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => claimsOf(id) }),
    extraTokenClaims: (_: unknown, token: { accountId?: string }) =>
      token.accountId === undefined ? {} : claimsOf(token.accountId),
    // What a person is shown says enough about them.
    conformIdTokenClaims: false,
    ttl: { AccessToken: tokenSeconds, ClientCredentials: tokenSeconds, IdToken: 300, DeviceCode: 60 },
    issueRefreshToken: async (_: unknown, client: { grantTypeAllowed(type: string): boolean }) =>
      client.grantTypeAllowed('refresh_token'),
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: device },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => API,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: SCOPES,
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: tokenSeconds,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  })
  server.on('request', provider.callback())
  process.stdout.write(`${issuer}\n`)
})
// Whoever started it is gone.
process.stdin.resume().on('close', () => process.exit())
