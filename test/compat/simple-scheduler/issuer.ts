// An OpenID provider of a few lines, for the command line's login: whoever comes is let in at once. It tells codes apart by
// what they were asked with, as a real one would.

import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

export type Issuer = AsyncDisposable & {
  readonly url: string
  /** Given out as the access token. */
  readonly accessToken: string
  /** What the browser was sent here with. */
  readonly asked: URLSearchParams[]
}

type Question = { readonly nonce: string; readonly challenge: string; readonly redirect: string }

export async function startIssuer(client: { id: string; secret: string }): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }
  const questions = new Map<string, Question>()
  const asked: URLSearchParams[] = []
  const accessToken = `token-${randomUUID()}`
  let url = ''
  const idToken = (nonce: string): Promise<string> =>
    new SignJWT({ nonce })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(url)
      .setSubject('guest')
      .setAudience(client.id)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(privateKey)

  const tokenFor = async (request: IncomingMessage): Promise<object | null> => {
    const form = new URLSearchParams(await bodyOf(request))
    const basic = Buffer.from(`${client.id}:${client.secret}`).toString('base64')
    const known =
      form.get('client_secret') === client.secret || request.headers.authorization === `Basic ${basic}`
    const code = form.get('code') ?? ''
    const question = questions.get(code)
    questions.delete(code)
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (!known || question === undefined || question.challenge !== proof) return null
    if (form.get('redirect_uri') !== question.redirect) return null
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: 60,
      id_token: await idToken(question.nonce),
    }
  }

  const server = createServer(async (request, response) => {
    const at = new URL(request.url!, url)
    const json = (status: number, body: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (at.pathname === '/.well-known/openid-configuration') {
      return json(200, {
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      })
    }
    if (at.pathname === '/jwks') return json(200, { keys: [jwk] })
    if (at.pathname === '/authorize') {
      asked.push(at.searchParams)
      const of = (name: string): string => at.searchParams.get(name) ?? ''
      const code = randomUUID()
      questions.set(code, {
        nonce: of('nonce'),
        challenge: of('code_challenge'),
        redirect: of('redirect_uri'),
      })
      const back = new URLSearchParams({ code, state: of('state') })
      return void response.writeHead(302, { location: `${of('redirect_uri')}?${back}` }).end()
    }
    const token = at.pathname === '/token' ? await tokenFor(request) : null
    return token === null ? json(400, { error: 'invalid_grant' }) : json(200, token)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    accessToken,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}
