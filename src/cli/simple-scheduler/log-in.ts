// Getting a token from an OpenID provider, by a browser on this machine: the authorization code flow of that system's command
// line, at the address its provider knows (http://localhost:5556/callback). The answer must belong to the question: state,
// nonce and the proof of the code are new for each.

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
import { answerByBrowser, reasonOf } from '../login/answer-by-browser.ts'

const PORT = 5_556
const ADDRESS = `http://localhost:${PORT}`
const SCOPES = 'openid jobs:read jobs:write runs:read runs:write'
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
  return answerByBrowser({ host: 'localhost', port: PORT }, async (origin) => {
    ready(`${origin}/login`)
    return { leadsTo: asked.href, exchange }
  })
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
