// Where a client finds its server, and the key it shows there: flag, environment, or the key file of a server
// on this very machine.

import { ADMIN_KEY_FILE } from './cross-checks.ts'
import type { Environment, ReadFile } from './given.ts'
import { isLoopback } from './loopback.ts'

export const CLIENT_VARIABLES = ['CARILLON_URL', 'CARILLON_API_KEY', 'CARILLON_API_KEY_FILE'] as const

export const DEFAULT_URL = 'http://127.0.0.1:8080'

export type ClientSettings = {
  readonly url: string
  readonly urlOrigin: string
  readonly apiKey: string | null
  /** Where the key came from; null: there is none. */
  readonly apiKeyOrigin: string | null
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
  return { url: url.replace(/\/+$/, ''), urlOrigin, ...findKey(flags.apiKey, env, parsed.hostname, readFile) }
}

function findKey(
  flag: string | undefined,
  env: Environment,
  host: string,
  readFile: ReadFile,
): Pick<ClientSettings, 'apiKey' | 'apiKeyOrigin'> {
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
