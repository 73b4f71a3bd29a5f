// The options of a server as flags of the commands that start or check one.

import { type Command, Option } from 'commander'
import type { Mode } from '../main/config/config.ts'
import type { Gathered } from '../main/config/given.ts'
import { type LoadedConfig, loadConfig } from '../main/config/load-config.ts'
import { envName, OPTION_KEYS, OPTIONS } from '../main/config/options.ts'
import { machineName } from '../main/config/process.ts'
import type { Terminal } from './terminal.ts'

const GROUP = 'Options of the server (also in the environment and in the configuration file):'

export function addConfigFlags(command: Command): Command {
  command.option(
    '--config <path>',
    'configuration file (CARILLON_CONFIG; default ./carillon.yaml, /etc/carillon/carillon.yaml)',
  )
  // Not `--env-file`: Node takes that for its own, wherever it stands.
  command.option('--variables <path>', 'file of variables, such as .env (CARILLON_ENV_FILE; default none)')
  for (const key of OPTION_KEYS) {
    const { name, kind, description, secret, default: preset, defaultWords } = OPTIONS[key]
    const flag = secret ? `--${name}-file <path>` : `--${name} <${kind.placeholder}>`
    const shown = defaultWords ?? (typeof preset === 'string' && preset !== '' ? preset : 'none')
    const words = secret ? `a file that holds it: ${description}` : description
    command.addOption(new Option(flag, `${words} (${envName(name)}; default ${shown})`).helpGroup(GROUP))
  }
  return command
}

export function configOf(
  terminal: Terminal,
  mode: Mode,
  options: Readonly<Record<string, unknown>>,
  more: readonly Gathered[] = [],
): Promise<LoadedConfig> {
  return loadConfig({
    mode,
    flags: flagsOf(options),
    env: terminal.env,
    readFile: terminal.readFile,
    hostname: machineName(),
    terminal: terminal.stderr.isTTY === true,
    more,
  })
}

function flagsOf(options: Readonly<Record<string, unknown>>): Record<string, string> {
  const names = [
    'config',
    'variables',
    ...OPTION_KEYS.map((key) => (OPTIONS[key].secret ? `${OPTIONS[key].name}-file` : OPTIONS[key].name)),
  ]
  const given: Record<string, string> = {}
  for (const name of names) {
    const value = options[new Option(`--${name}`).attributeName()]
    if (typeof value === 'string') given[name] = value
  }
  return given
}
