// The token of whoever is signed in, prolonged in time. An issuer takes a refresh token once, so commands that run side by side
// do it one after the other, and the later ones find what the first has got.

import type { StoredLogin } from '../../main/config/login-file.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import type { Terminal } from '../terminal.ts'
import { type KeptLogin, loginAt, withLogin } from './login-store.ts'

/** Prolonged so long before its end, so that it does not end on the way. */
const AHEAD_MS = 60_000

type Speaker = { readonly terminal: Terminal; warn(text: string): void }

export async function tokenOfLogin(session: Speaker, url: string, first: StoredLogin): Promise<string> {
  const { terminal } = session
  const login = loginAt(terminal, url) ?? first
  if (lasts(login, AHEAD_MS)) return login.accessToken
  return withLogin(terminal, url, (kept) => prolonged(session, url, kept))
}

async function prolonged(session: Speaker, url: string, { login, keep, path }: KeptLogin): Promise<string> {
  if (login === null) throw ended(url, 'Somebody has signed out.')
  if (lasts(login, AHEAD_MS)) return login.accessToken
  const { hasEnded, refreshed } = await import('./issuer-client.ts')
  let next: StoredLogin
  try {
    next = await refreshed(login)
  } catch (error) {
    if (lasts(login, 0)) return login.accessToken
    const { message } = error as Error
    if (hasEnded(error)) throw ended(url, message, error)
    const what = `Your sign-in at ${url} could not be prolonged just now. ${message}`
    throw new CliError(EXIT.unreachable, what, { hint: 'Try again in a while.', cause: error })
  }
  try {
    await keep(next)
  } catch (error) {
    session.warn(`The prolonged sign-in could not be kept in ${path}: ${(error as Error).message}`)
  }
  return next.accessToken
}

function ended(url: string, why: string, cause?: unknown): CliError {
  return new CliError(EXIT.auth, `Your sign-in at ${url} has ended. ${why}`, {
    hint: 'Sign in again: carillon login',
    cause,
  })
}

function lasts({ expiresAt }: StoredLogin, ms: number): boolean {
  return expiresAt === null || expiresAt - Date.now() > ms
}
