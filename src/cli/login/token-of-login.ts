// The token of whoever is signed in, prolonged in time. Commands that run side by side may prolong it both: the issuer takes the
// refresh token once, and whoever was late finds the other's in the file.

import type { StoredLogin } from '../../main/config/login-file.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import type { Terminal } from '../terminal.ts'
import { keepLogin, loginAt } from './login-store.ts'

/** Prolonged so long before its end, so that it does not end on the way. */
const AHEAD_MS = 60_000

export async function tokenOfLogin(terminal: Terminal, url: string, first: StoredLogin): Promise<string> {
  const login = loginAt(terminal, url) ?? first
  if (isFresh(login)) return login.accessToken
  const { refreshed } = await import('./issuer-client.ts')
  try {
    const next = await refreshed(login)
    await keepLogin(terminal, url, next)
    return next.accessToken
  } catch (error) {
    const others = loginAt(terminal, url)
    if (others !== null && others.accessToken !== login.accessToken && isFresh(others))
      return others.accessToken
    throw new CliError(EXIT.auth, `Your sign-in at ${url} has ended. ${(error as Error).message}`, {
      hint: 'Sign in again: carillon login',
      cause: error,
    })
  }
}

function isFresh({ expiresAt }: StoredLogin): boolean {
  return expiresAt === null || expiresAt - Date.now() > AHEAD_MS
}
