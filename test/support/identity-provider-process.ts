// The issuer, started and asked from outside.

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { until } from './until.ts'

const PROGRAM = fileURLToPath(new URL('identity-provider.ts', import.meta.url))
const STARTED_WITHIN_MS = 60_000

/** A program that comes by itself. */
const ROBOT = {
  client_id: 'robot',
  client_secret: 'a-secret-of-a-robot',
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
}

export type ProviderOptions = {
  readonly port?: number
  readonly keys?: readonly JWK[]
  readonly clients?: readonly object[]
  readonly tokenSeconds?: number
  /** Whom its tokens are meant for. */
  readonly audience?: string
  /** Has it a device flow? */
  readonly device?: boolean
}

/** Keys of every kind it is to sign with; `name` tells one set from another. */
export async function providerKeys(name: string): Promise<JWK[]> {
  return Promise.all(
    ['ES256', 'RS256'].map(async (alg) => {
      const { privateKey } = await generateKeyPair(alg, { extractable: true })
      return { ...(await exportJWK(privateKey)), kid: `${name}-${alg}`, alg, use: 'sig' }
    }),
  )
}

export class IdentityProvider implements AsyncDisposable {
  readonly issuer: string
  readonly #child: ChildProcess

  private constructor(issuer: string, child: ChildProcess) {
    this.issuer = issuer
    this.#child = child
  }

  static async start(options: ProviderOptions = {}): Promise<IdentityProvider> {
    const {
      port = 0,
      keys = await providerKeys('first'),
      clients = [],
      tokenSeconds = 300,
      audience = 'carillon',
      device = true,
    } = options
    const settings = JSON.stringify({
      port,
      keys,
      clients: [ROBOT, ...clients],
      tokenSeconds,
      audience,
      device,
    })
    const child = spawn(process.execPath, ['--no-warnings', PROGRAM, settings], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let said = ''
    let over = false
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
    }
    child.once('exit', () => {
      over = true
    })
    const issuer = await until('the issuer listens', STARTED_WITHIN_MS, () => {
      if (over) throw new Error(`the issuer ended: ${said}`)
      return /^http\S+/m.exec(said)?.[0]
    })
    return new IdentityProvider(issuer, child)
  }

  get port(): number {
    return Number(new URL(this.issuer).port)
  }

  /** An access token for a program, with these scopes. */
  async robotToken(scope: string): Promise<string> {
    const response = await fetch(`${this.issuer}/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${ROBOT.client_id}:${ROBOT.client_secret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
    })
    const { access_token: token, ...rest } = (await response.json()) as { access_token?: string }
    if (token === undefined) throw new Error(`no token: ${JSON.stringify(rest)}`)
    return token
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await ended
  }
}
