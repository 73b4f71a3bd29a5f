// Keeps what signing in gave: for this user's eyes only, whole at any moment, and changed by one command at a time.

import { loginFilePath, type StoredLogin, storedLogins } from '../../main/config/login-file.ts'
import { waitForFile } from '../../main/file-lock.ts'
import { writePrivateFile } from '../../main/private-file.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import type { Terminal } from '../terminal.ts'

/** Longer than an issuer that answers late keeps one of us. */
export const LOCK_WAIT_MS = 45_000

export type KeptLogin = {
  readonly path: string
  /** What is there now; null: nobody is signed in. */
  readonly login: StoredLogin | null
  /** null: nobody is any more. */
  keep(login: StoredLogin | null): Promise<void>
}

export function loginAt({ env, readFile }: Terminal, url: string): StoredLogin | null {
  const logins = storedLogins(env, readFile)
  return Object.hasOwn(logins, url) ? logins[url]! : null
}

/** While nobody else changes it. */
export async function withLogin<T>(
  terminal: Terminal,
  url: string,
  act: (kept: KeptLogin) => Promise<T>,
): Promise<T> {
  const { env, readFile } = terminal
  const path = loginFilePath(env)
  if (path === null) throw new CliError(EXIT.configuration, 'There is no place to keep a sign-in: set HOME.')
  using _ = await lockOf(path)
  const keep = async (login: StoredLogin | null): Promise<void> => {
    const { [url]: __, ...others } = storedLogins(env, readFile)
    const logins = login === null ? others : { ...others, [url]: login }
    await writePrivateFile(path, `${JSON.stringify(logins, null, 2)}\n`)
  }
  return await act({ path, login: loginAt(terminal, url), keep })
}

async function lockOf(path: string): Promise<Disposable> {
  const lock = await waitForFile(`${path}.lock`, LOCK_WAIT_MS).catch((error: Error) => {
    throw new CliError(EXIT.configuration, `Sign-ins cannot be kept in ${path}: ${error.message}.`, {
      hint: 'Give this user the right to write there, or name another folder by XDG_CONFIG_HOME.',
      cause: error,
    })
  })
  if (lock !== null) return lock
  throw new CliError(EXIT.failure, `Another command has held ${path} for ${LOCK_WAIT_MS / 1_000} seconds.`)
}
