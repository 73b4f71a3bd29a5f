// Keeps what signing in gave: for this user's eyes only, whole at any moment.

import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { loginFilePath, type StoredLogin, storedLogins } from '../../main/config/login-file.ts'
import { writePrivateFile } from '../../main/private-file.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import type { Terminal } from '../terminal.ts'

export function loginAt({ env, readFile }: Terminal, url: string): StoredLogin | null {
  const logins = storedLogins(env, readFile)
  return Object.hasOwn(logins, url) ? logins[url]! : null
}

/** null: nobody is signed in there any more. Gives back where it is kept. */
export async function keepLogin(terminal: Terminal, url: string, login: StoredLogin | null): Promise<string> {
  const { env, readFile } = terminal
  const path = loginFilePath(env)
  if (path === null) throw new CliError(EXIT.configuration, 'There is no place to keep a sign-in: set HOME.')
  const { [url]: _, ...others } = storedLogins(env, readFile)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const logins = login === null ? others : { ...others, [url]: login }
  await writePrivateFile(path, `${JSON.stringify(logins, null, 2)}\n`)
  return path
}
