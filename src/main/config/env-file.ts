// A file of variables, such as the .env that other programs keep beside them: read only when it is named, and counting less than
// what the environment itself says.

import { parseEnv } from 'node:util'
import { ENV_FILE_VARIABLE } from './from-environment.ts'
import type { Flags } from './from-flags.ts'
import type { Environment, Given, Notice, ReadFile } from './given.ts'
import { OPTIONS } from './options.ts'
import { readableByOthers } from './secret-file.ts'

export type WithEnvFile = {
  readonly env: Environment
  readonly problems: readonly Notice[]
  /** Of what was given in the end: a secret of the file that others can read. */
  warnings(given: readonly Given[]): readonly Notice[]
}

export function withEnvFile(flags: Flags, env: Environment, readFile: ReadFile): WithEnvFile {
  const own = Object.fromEntries(Object.entries(env).filter(([, text]) => text !== undefined && text !== ''))
  const path = flags.variables ?? own[ENV_FILE_VARIABLE]
  if (path === undefined) return { env, problems: [], warnings: () => [] }
  const origin = flags.variables === undefined ? ENV_FILE_VARIABLE : '--variables'
  const refused = (detail: string): WithEnvFile => ({
    env,
    problems: [{ origin, detail }],
    warnings: () => [],
  })
  try {
    const file = readFile(path)
    if (file === null) return refused(`names a file that does not exist: ${path}`)
    const said = parseEnv(file.text)
    return {
      env: { ...said, ...own },
      problems: [],
      warnings: (given) => (readableByOthers(file.mode) ? openSecrets(path, said, own, given) : []),
    }
  } catch (error) {
    return refused(`cannot be read: ${(error as Error).message}`)
  }
}

function openSecrets(path: string, said: Environment, own: Environment, given: readonly Given[]): Notice[] {
  const open = given.filter(({ key, origin }) => {
    const { secret, kind } = OPTIONS[key]
    const fromFile = said[origin] !== undefined && own[origin] === undefined
    return fromFile && (secret === true || kind.confidential === true)
  })
  const warnings = open.map(({ origin }) => ({
    origin,
    detail: `${path} holds a secret and can be read by other users.`,
    suggestion: `chmod 600 ${path}`,
  }))
  return warnings.slice(0, 1)
}
