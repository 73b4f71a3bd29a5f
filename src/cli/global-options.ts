// The options every command has. They stand before or after the command's own words.

import { type Command, Option } from 'commander'

export const FORMATS = ['table', 'json', 'yaml'] as const
export type Format = (typeof FORMATS)[number]

export type GlobalOptions = {
  readonly url?: string
  readonly apiKey?: string
  readonly output?: Format
  readonly color?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly input?: boolean
  readonly yes?: boolean
}

const GROUP = 'Options of every command:'

function globalOptions(): Option[] {
  return [
    new Option('--url <address>', 'the server (CARILLON_URL; default http://127.0.0.1:8080)'),
    new Option('--api-key <key>', 'the key to show it (CARILLON_API_KEY)'),
    new Option('-o, --output <format>', 'how data is written (default table)').choices(FORMATS),
    new Option('--no-color', 'no colours (NO_COLOR)'),
    new Option('-q, --quiet', 'data and errors only'),
    new Option('-v, --verbose', 'say what is done'),
    new Option('--no-input', 'never ask'),
    new Option('-y, --yes', 'answer yes to every question'),
  ]
}

/** `except`: flags that mean something else for this command. */
export function addGlobalOptions(command: Command, shown: boolean, except: readonly string[] = []): Command {
  for (const option of globalOptions()) {
    if (!except.includes(option.long ?? '')) command.addOption(option.helpGroup(GROUP).hideHelp(!shown))
  }
  return command
}

/** The nearest wins: what stands after the command over what stands before it. */
export function readGlobalOptions(command: Command, except: readonly string[]): GlobalOptions {
  const found: Record<string, unknown> = {}
  for (let at: Command | null = command; at !== null; at = at.parent) {
    for (const option of globalOptions()) {
      const name = option.attributeName()
      if (at === command && except.includes(option.long ?? '')) continue
      // A negated option is "true by default": only what was really given counts.
      if (found[name] === undefined && at.getOptionValueSource(name) === 'cli')
        found[name] = at.getOptionValue(name)
    }
  }
  return found as GlobalOptions
}
