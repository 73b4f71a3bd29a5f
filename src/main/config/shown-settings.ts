// What is in force and where it came from, for showing. What is secret is only said to be there.

import type { Settings } from '../../protocol/settings.ts'
import type { Config } from './config.ts'
import type { Origins } from './cross-checks.ts'
import { DEFAULT_ORIGIN, type LoadedConfig } from './load-config.ts'
import type { Option } from './option.ts'
import { envName, fileKey, OPTION_KEYS, OPTIONS } from './options.ts'

const HIDDEN = '••••••••'

/** Who said what of a configuration. What nobody is known to have said is a default. */
export type Told = Pick<LoadedConfig, 'file' | 'warnings'> & { readonly origins: Partial<Origins> }

export const UNTOLD: Told = { file: null, warnings: [], origins: {} }

export function shownSettings(config: Config, { origins, file, warnings }: Told): Settings {
  return {
    file,
    settings: OPTION_KEYS.map((key) => {
      const option = OPTIONS[key] as Option<unknown>
      const { name, description } = option
      return {
        option: name,
        key: fileKey(name),
        variable: envName(name),
        value: shown(option, config[key]),
        origin: origins[key] ?? DEFAULT_ORIGIN,
        description,
      }
    }),
    warnings: warnings.map(({ origin, detail }) => ({ origin, detail })),
  }
}

function shown(option: Option<unknown>, value: unknown): string | null {
  if (value === null) return null
  return option.secret ? HIDDEN : option.kind.write(value as never)
}
