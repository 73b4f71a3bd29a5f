// The API of Simple Scheduler, as its command line calls it: any server that answers there as that system did.

import { homedir } from 'node:os'
import { join } from 'node:path'
import { CliError } from '../cli-error.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { tokenOfLogin } from '../login/token-of-login.ts'
import type { Session } from '../session.ts'

/** Where the command line of that system keeps its token, and finds it again. */
const CACHE_FILE = '.simple-scheduler-cli-cache'
const DEFAULT_URL = 'http://localhost:8080/api'
const DOOR_PATH = '/compat/simple-scheduler/api'
const TIMEOUT_MS = 30_000

const EXIT_BY_STATUS: Readonly<Record<number, ExitCode>> = {
  400: EXIT.usage,
  401: EXIT.auth,
  403: EXIT.auth,
  404: EXIT.notFound,
  409: EXIT.notFound,
}

export type SimpleCall = {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly body?: object
}

/** `given`: what -u or --url says here; what stands before the command names a server of ours. */
export async function callApi<T>(session: Session, given: string | undefined, call: SimpleCall): Promise<T> {
  const api = apiAddress(session, given)
  const address = api + call.path
  const { key, origin } = await keyFor(session, api)
  session.note(`${call.method} ${address}, ${key === null ? 'no key' : `key from ${origin}`}`)
  const response = await fetch(address, {
    method: call.method,
    headers: {
      accept: 'application/json',
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
  }).catch((error: unknown) => {
    throw unreachable(address, error)
  })
  const text = await response.text()
  if (!response.ok) throw refused(response.status, text, address, key === null)
  try {
    return (text === '' ? null : JSON.parse(text)) as T
  } catch {
    throw new CliError(EXIT.unreachable, `${address} answered something else than JSON.`, {
      hint: `Does the address end where the API begins? Write it like ${DEFAULT_URL}.`,
    })
  }
}

/** One that ends in /api is that of the API, as there. Any other is a server of ours, with a door for it. */
export function apiAddress({ options, terminal }: Session, given: string | undefined): string {
  const url = given ?? options.url ?? (terminal.env.CARILLON_URL || DEFAULT_URL)
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new CliError(EXIT.usage, `"${url}" is not an address. Write it like ${DEFAULT_URL}.`)
  }
  const bare = url.replace(/\/+$/, '')
  return bare.endsWith('/api') ? bare : bare + DOOR_PATH
}

export function tokenCache({ terminal }: Session): string {
  return join(terminal.env.HOME || homedir(), CACHE_FILE)
}

type Shown = { readonly key: string | null; readonly origin: string | null }

/** A key that is named counts more than a token that was got once, and that more than who is signed in there; one that just lies here is the last. */
async function keyFor(session: Session, api: string): Promise<Shown> {
  const { env, readFile } = session.terminal
  const named = session.options.apiKey || env.CARILLON_API_KEY || env.CARILLON_API_KEY_FILE
  const cache = tokenCache(session)
  const token = named ? undefined : readFile(cache)?.text.trim()
  if (token) return { key: token, origin: cache }
  const { url, apiKey, apiKeyOrigin, login } = session.settingsAt(serverOf(api))
  const key = login === undefined ? apiKey : await tokenOfLogin(session, url, login)
  return { key, origin: apiKeyOrigin }
}

/** Where people sign in: above its door. */
function serverOf(api: string): string {
  return api.slice(0, -(api.endsWith(DOOR_PATH) ? DOOR_PATH : '/api').length)
}

function unreachable(address: string, error: unknown): CliError {
  const { cause, name } = error as Error
  const late = name === 'TimeoutError'
  const why = cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : ''
  return new CliError(
    EXIT.unreachable,
    late ? `${address} did not answer in time.` : `No answer from ${address}${why}`,
    { hint: `Name the API with -u, for instance -u ${DEFAULT_URL}`, cause: error },
  )
}

function refused(status: number, text: string, address: string, keyless: boolean): CliError {
  const said = errorIn(text)
  const what = said === null ? `${address} answered ${status}.` : `${address} answered ${status}: ${said}`
  const hint =
    status === 401
      ? `${keyless ? 'No key was sent. ' : ''}Log in: carillon simple-scheduler login, or name a key with --api-key.`
      : null
  return new CliError(EXIT_BY_STATUS[status] ?? EXIT.failure, what, { hint })
}

function errorIn(text: string): string | null {
  try {
    const { error, missing_scopes: scopes } = JSON.parse(text) as {
      error?: unknown
      missing_scopes?: unknown
    }
    if (typeof error !== 'string') return null
    return Array.isArray(scopes) && scopes.length > 0 ? `${error}: ${scopes.join(', ')}` : error
  } catch {
    return null
  }
}
