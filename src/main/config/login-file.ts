// Who is signed in from this machine, at which server: a file of the user's own, in the usual place.

import type { Environment, ReadFile } from './given.ts'

export type StoredLogin = {
  readonly issuer: string
  readonly clientId: string
  /** What the issuer calls the server, where it has to be told. */
  readonly resource: string | null
  readonly accessToken: string
  readonly refreshToken: string | null
  /** Epoch milliseconds; null: the issuer has not said. */
  readonly expiresAt: number | null
}

/** Address of a server → who is signed in there. */
export type StoredLogins = Readonly<Record<string, StoredLogin>>

/** null: this user has no home. */
export function loginFilePath(env: Environment): string | null {
  const folder = env.XDG_CONFIG_HOME || env.APPDATA || (env.HOME ? `${env.HOME}/.config` : '')
  return folder === '' ? null : `${folder}/carillon/logins.json`
}

/** What cannot be read is as good as none: signing in again mends it. */
export function storedLogins(env: Environment, readFile: ReadFile): StoredLogins {
  const path = loginFilePath(env)
  if (path === null) return {}
  try {
    const logins: unknown = JSON.parse(readFile(path)?.text ?? '{}')
    return Object.fromEntries(Object.entries(logins as StoredLogins).filter(([, login]) => isLogin(login)))
  } catch {
    return {}
  }
}

function isLogin(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { issuer, clientId, accessToken } = value as Record<string, unknown>
  return [issuer, clientId, accessToken].every((text) => typeof text === 'string')
}
