// Where a client finds its server, and the key it shows there: flag, environment, whoever is signed in, or the key file of a
// server on this very machine.

import { ADMIN_KEY_FILE } from './cross-checks.ts'
import type { Environment, ReadFile } from './given.ts'
import { type StoredLogin, storedLogins } from './login-file.ts'
import { isLoopback } from './loopback.ts'

export const CLIENT_VARIABLES = ['CARILLON_URL', 'CARILLON_API_KEY', 'CARILLON_API_KEY_FILE'] as const

export const DEFAULT_URL = 'http://127.0.0.1:8080'

export type ClientSettings = {
  readonly url: string
  readonly urlOrigin: string
  readonly apiKey: string | null
  /** Where the key came from; null: there is none. */
  readonly apiKeyOrigin: string | null
  /** In place of a key: whoever is signed in there. */
  readonly login?: StoredLogin
}

export type ClientRequest = {
  readonly flags: { readonly url?: string; readonly apiKey?: string }
  readonly env: Environment
  readonly readFile: ReadFile
}

/** A sentence about what is wrong with them, with its mend. */
export class ClientSettingsError extends Error {
  override readonly name = 'ClientSettingsError'
}

export function clientSettings({ flags, env, readFile }: ClientRequest): ClientSettings {
  const url = flags.url ?? (env.CARILLON_URL || DEFAULT_URL)
  const urlOrigin = flags.url !== undefined ? '--url' : env.CARILLON_URL ? 'CARILLON_URL' : 'default'
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new ClientSettingsError(`${urlOrigin} "${url}" is not an address. Write it like ${DEFAULT_URL}.`)
  }
  const server = url.replace(/\/+$/, '')
  const named = namedKey(flags.apiKey, env, readFile)
  if (named !== null) return { url: server, urlOrigin, ...named }
  const logins = storedLogins(env, readFile)
  if (Object.hasOwn(logins, server)) {
    return { url: server, urlOrigin, apiKey: null, apiKeyOrigin: 'carillon login', login: logins[server]! }
  }
  return { url: server, urlOrigin, ...lyingKey(env, parsed.hostname, readFile) }
}

type Key = Pick<ClientSettings, 'apiKey' | 'apiKeyOrigin'>

function namedKey(flag: string | undefined, env: Environment, readFile: ReadFile): Key | null {
  if (flag !== undefined) return { apiKey: flag, apiKeyOrigin: '--api-key' }
  if (env.CARILLON_API_KEY) return { apiKey: env.CARILLON_API_KEY, apiKeyOrigin: 'CARILLON_API_KEY' }
  if (env.CARILLON_API_KEY_FILE) {
    const text = readKey(env.CARILLON_API_KEY_FILE, readFile)
    if (text === null) {
      throw new ClientSettingsError(
        `CARILLON_API_KEY_FILE names a file that cannot be read: ${env.CARILLON_API_KEY_FILE}`,
      )
    }
    return { apiKey: text, apiKeyOrigin: 'CARILLON_API_KEY_FILE' }
  }
  return null
}

function lyingKey(env: Environment, host: string, readFile: ReadFile): Key {
  // A key lying in ./data is shown to a server on this machine only, never to one elsewhere.
  const path = `${env.CARILLON_DATA_DIR || './data'}/${ADMIN_KEY_FILE}`
  const text = isLoopback(host.replace(/^\[|\]$/g, '')) ? readKey(path, readFile) : null
  return text === null ? { apiKey: null, apiKeyOrigin: null } : { apiKey: text, apiKeyOrigin: path }
}

function readKey(path: string, readFile: ReadFile): string | null {
  try {
    return readFile(path)?.text.trim() || null
  } catch {
    return null
  }
}
