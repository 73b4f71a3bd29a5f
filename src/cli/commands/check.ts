// What a server started here would run with, where each value comes from, and what is wrong.

import { Option } from 'commander'
import type { Mode } from '../../main/config/config.ts'
import type { LoadedConfig } from '../../main/config/load-config.ts'
import type { Option as ServerOption } from '../../main/config/option.ts'
import { envName, fileKey, OPTION_KEYS, OPTIONS } from '../../main/config/options.ts'
import { doing, type Fill, finish } from '../command-tree.ts'
import { addConfigFlags, configOf } from '../config-flags.ts'
import { refuseProblems, sayWarnings } from '../config-problems.ts'
import type { Session } from '../session.ts'
import { table } from '../show/table.ts'

export const fillCheck: Fill = (command, walk) => {
  finish(addConfigFlags(command))
    .addOption(new Option('--mode <mode>', 'whose defaults').choices(['server', 'up']).default('server'))
    .action(doing(walk, check))
}

async function check(session: Session, options: { readonly mode: Mode }): Promise<void> {
  const loaded = await configOf(session.terminal, options.mode, options)
  const settings = OPTION_KEYS.map((key) => {
    const option = OPTIONS[key] as ServerOption<unknown>
    const value = shown(option, loaded.config[key])
    return {
      option: option.name,
      key: fileKey(option.name),
      variable: envName(option.name),
      value,
      origin: loaded.origins[key],
    }
  })
  await session.print(report(loaded, settings), () =>
    table(
      settings,
      [
        { title: 'OPTION', value: ({ option }) => option },
        { title: 'VALUE', value: ({ value }) => value ?? '-' },
        { title: 'FROM', value: ({ origin }) => origin, style: 'dim' },
      ],
      session.look,
    ),
  )
  sayWarnings(session, loaded)
  refuseProblems(loaded)
  if (loaded.file === null) session.note('no configuration file was read')
}

function report(loaded: LoadedConfig, settings: readonly unknown[]): unknown {
  const { file, warnings, problems } = loaded
  return { file, ok: problems.length === 0, settings, warnings, problems }
}

function shown(option: ServerOption<unknown>, value: unknown): string | null {
  if (value === null) return null
  return option.secret ? '••••••••' : option.kind.write(value as never)
}
