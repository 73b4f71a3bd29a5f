// Flags, environment, file and defaults become one frozen Config. Everything that is wrong is said at once.

import type { Config } from './config.ts'
import { crossCheck, type Origins } from './cross-checks.ts'
import { withEnvFile } from './env-file.ts'
import { CONFIG_FILE_VARIABLE, fromEnvironment, variable } from './from-environment.ts'
import { fromFile } from './from-file.ts'
import { type Flags, fromFlags } from './from-flags.ts'
import type { Environment, Gathered, Given, Notice, ReadFile } from './given.ts'
import type { Option, Surroundings } from './option.ts'
import { OPTION_KEYS, OPTIONS } from './options.ts'
import { fromDcronFile } from './replaced/dcron-file.ts'
import { fromReplacedEnvironments } from './replaced/environment.ts'

export type ConfigRequest = Surroundings & {
  /** By option name, and `config` and `variables`: the files to read. */
  readonly flags: Flags
  readonly env: Environment
  readonly readFile: ReadFile
  /** What else was read, such as the file of a replaced system. */
  readonly more?: readonly Gathered[]
}

export type LoadedConfig = {
  /** Where `problems` is not empty, defaults stand in for what was refused: good to show, not to run with. */
  readonly config: Config
  readonly origins: Origins
  /** The configuration file that was read. */
  readonly file: string | null
  readonly warnings: readonly Notice[]
  readonly problems: readonly Notice[]
}

export const DEFAULT_ORIGIN = 'default'

export async function loadConfig(request: ConfigRequest): Promise<LoadedConfig> {
  const { flags, readFile } = request
  const envFile = withEnvFile(flags, request.env, readFile)
  const { env } = envFile
  const file = await fromFile(namedFile(flags, env), readFile)
  // The first to give an option wins.
  const own = [...fromFlags(flags, readFile), ...fromEnvironment(env, readFile), ...file.gathered]
  const dcronListens = own.some(({ given }) => given.some(({ key }) => key === 'doorDcronListen'))
  const sources = [
    ...own,
    ...(request.more ?? []),
    ...fromReplacedEnvironments(env),
    fromDcronFile(env, readFile, dcronListens),
  ]
  const given = sources.flatMap((source) => source.given)
  const problems = [...envFile.problems, ...sources.flatMap((source) => source.problems)]
  const warnings = [...envFile.warnings(given), ...sources.flatMap((source) => source.warnings)]
  const { config, origins } = read(given, request, problems)
  const checked = crossCheck(config, origins, readFile)
  return {
    config,
    origins,
    file: file.path,
    warnings: [...warnings, ...checked.warnings],
    problems: [...problems, ...checked.problems],
  }
}

/** What a server runs with when nothing is said. For tests and for showing. */
export function defaultConfig(around: Surroundings): Config {
  return read([], around, []).config
}

function namedFile(flags: Flags, env: Environment): { path: string; origin: string } | null {
  if (flags.config !== undefined) return { path: flags.config, origin: '--config' }
  const path = variable(env, CONFIG_FILE_VARIABLE)
  return path === undefined ? null : { path, origin: CONFIG_FILE_VARIABLE }
}

/** Also what was overruled is read, so that a mistake does not wait there for its day. */
function read(
  given: readonly Given[],
  around: Surroundings,
  problems: Notice[],
): { config: Config; origins: Origins } {
  const values: Record<string, unknown> = {}
  const origins: Record<string, string> = {}
  for (const key of OPTION_KEYS) {
    const option = OPTIONS[key] as Option<unknown>
    const texts = given.filter((one) => one.key === key)
    const accepted = texts.flatMap((one) => {
      const result = option.kind.read(one.text)
      if ('value' in result) return [{ value: result.value, origin: one.origin }]
      problems.push(refusalOf(option, one, result))
      return []
    })
    values[key] = accepted[0]?.value ?? defaultValue(option, around)
    origins[key] = accepted[0]?.origin ?? DEFAULT_ORIGIN
  }
  return { config: Object.freeze(values) as Config, origins: Object.freeze(origins) as Origins }
}

function refusalOf(
  option: Option<unknown>,
  given: Given,
  refusal: { detail: string; suggestion?: string },
): Notice {
  const shown = option.secret || option.kind.confidential ? '' : ` "${given.text.slice(0, 100)}" is refused:`
  const notice = { origin: given.origin, detail: `${shown} ${option.name} ${refusal.detail}`.trim() }
  return refusal.suggestion === undefined ? notice : { ...notice, suggestion: refusal.suggestion }
}

function defaultValue(option: Option<unknown>, around: Surroundings): unknown {
  const text = typeof option.default === 'function' ? option.default(around) : option.default
  if (text === null) return null
  const result = option.kind.read(text)
  if (!('value' in result)) throw new Error(`the default of ${option.name} does not read: ${result.detail}`)
  return result.value
}
