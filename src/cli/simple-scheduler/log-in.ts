// Getting a token from an OpenID provider, by a browser on this machine: the authorization code flow of that system's command
// line, at the address its provider knows (http://localhost:5556/callback). The answer must belong to the question: state,
// nonce and the proof of the code are new for each.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'

const PORT = 5_556
const ADDRESS = `http://localhost:${PORT}`
const SCOPES = 'openid jobs:read jobs:write runs:read runs:write'
/** For a person to find a password. */
const WAIT_MS = 300_000
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

export type LogIn = { readonly clientId: string; readonly clientSecret: string; readonly issuer: string }

/** `ready` is told where a browser is to go. Gives back the access token. */
export async function tokenByBrowser(logIn: LogIn, ready: (address: string) => void): Promise<string> {
  const provider = await providerOf(logIn)
  const question = {
    verifier: randomPKCECodeVerifier(),
    state: randomState(),
    nonce: randomNonce(),
  }
  const asked = buildAuthorizationUrl(provider, {
    redirect_uri: `${ADDRESS}/callback`,
    scope: SCOPES,
    state: question.state,
    nonce: question.nonce,
    code_challenge: await calculatePKCECodeChallenge(question.verifier),
    code_challenge_method: 'S256',
  })
  const exchange = async (came: URL): Promise<string> => {
    const tokens = await authorizationCodeGrant(provider, came, {
      pkceCodeVerifier: question.verifier,
      expectedState: question.state,
      expectedNonce: question.nonce,
    })
    return tokens.access_token
  }
  return waitForBrowser(asked.href, exchange, ready)
}

async function providerOf({ issuer, clientId, clientSecret }: LogIn): Promise<Configuration> {
  const parsed = URL.parse(issuer)
  const isHere = parsed?.protocol === 'http:' && LOOPBACK.includes(parsed.hostname)
  if (parsed === null || !(isHere || parsed.protocol === 'https:')) {
    throw new CliError(
      EXIT.usage,
      `"${issuer}" is not the address of an issuer that a secret may be sent to.`,
      {
        hint: 'Write it like https://id.example.com/realms/simple-scheduler; http is for this machine alone.',
      },
    )
  }
  try {
    const execute = isHere ? [allowInsecureRequests] : []
    return await discovery(parsed, clientId, clientSecret, undefined, { execute })
  } catch (error) {
    throw new CliError(EXIT.unreachable, `${issuer} did not say how to log in: ${reasonOf(error)}`, {
      cause: error,
    })
  }
}

async function waitForBrowser(
  asked: string,
  exchange: (came: URL) => Promise<string>,
  ready: (address: string) => void,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const server = createServer((request, response) => {
    const came = URL.parse(request.url ?? '', ADDRESS)
    if (came?.pathname === '/login') response.writeHead(302, { location: asked }).end()
    else if (came?.pathname === '/callback') {
      finish(request, response, () => exchange(came)).then(resolve, reject)
    } else void say(response, 404, 'There is nothing here.')
  })
  server.once('error', (error) =>
    reject(
      new CliError(EXIT.failure, `${ADDRESS} cannot be listened on: ${error.message}`, {
        hint: 'The provider sends the browser there. Is another login under way?',
      }),
    ),
  )
  const late = setTimeout(
    () => reject(new CliError(EXIT.waitTimedOut, `Nobody logged in within ${WAIT_MS / 60_000} minutes.`)),
    WAIT_MS,
  )
  server.listen(PORT, 'localhost', () => ready(`${ADDRESS}/login`))
  try {
    return await promise
  } finally {
    clearTimeout(late)
    server.close()
    server.closeAllConnections()
  }
}

async function finish(
  request: IncomingMessage,
  response: ServerResponse,
  exchange: () => Promise<string>,
): Promise<string> {
  try {
    if (request.method !== 'GET') throw new Error('the browser did not come back by a GET')
    const token = await exchange()
    await say(response, 200, 'You are logged in. This page can be closed.')
    return token
  } catch (error) {
    await say(response, 400, 'That did not work; the terminal says why. This page can be closed.')
    throw new CliError(EXIT.auth, `The provider gave no token: ${reasonOf(error)}`, { cause: error })
  }
}

function say(response: ServerResponse, status: number, text: string): Promise<void> {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  return new Promise((resolve) => response.end(`${text}\n`, () => resolve()))
}

function reasonOf(error: unknown): string {
  const { message, cause, error_description: said } = error as Error & { error_description?: unknown }
  if (typeof said === 'string') return said
  return cause instanceof Error ? `${message} (${cause.message})` : message
}
