// Options given on the command line. Unknown flags never get here: the command line refuses them.

import type { Gathered, ReadFile } from './given.ts'
import { OPTION_KEYS, OPTIONS } from './options.ts'
import { fromSecretFile } from './secret-file.ts'

/** By option name: { 'data-dir': './data', 'admin-key-file': '/run/secrets/key' }. */
export type Flags = Readonly<Record<string, string | undefined>>

export function fromFlags(flags: Flags, readFile: ReadFile): Gathered[] {
  return OPTION_KEYS.map((key) => {
    const option = OPTIONS[key]
    const name = option.secret ? `${option.name}-file` : option.name
    const text = flags[name]
    if (text === undefined) return { given: [], problems: [], warnings: [] }
    if (option.secret) return fromSecretFile(key, text, `--${name}`, readFile)
    return { given: [{ key, text, origin: `--${name}` }], problems: [], warnings: [] }
  })
}
