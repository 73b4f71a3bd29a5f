// What a server started here would run with, where each value comes from, and what is wrong.

import { Option } from 'commander'
import type { Mode } from '../../main/config/config.ts'
import type { LoadedConfig } from '../../main/config/load-config.ts'
import { shownSettings } from '../../main/config/shown-settings.ts'
import { doing, type Fill, finish } from '../command-tree.ts'
import { addConfigFlags, configOf } from '../config-flags.ts'
import { refuseProblems, sayWarnings } from '../config-problems.ts'
import type { Session } from '../session.ts'
import { showSettings } from '../show/settings.ts'

export const fillCheck: Fill = (command, walk) => {
  finish(addConfigFlags(command))
    .addOption(new Option('--mode <mode>', 'whose defaults').choices(['server', 'up']).default('server'))
    .action(doing(walk, check))
}

async function check(session: Session, options: { readonly mode: Mode }): Promise<void> {
  const loaded = await configOf(session.terminal, options.mode, options)
  const { settings } = shownSettings(loaded.config, loaded)
  await session.print(report(loaded, settings), () => showSettings(settings, session.look))
  sayWarnings(session, loaded)
  refuseProblems(loaded)
  if (loaded.file === null) session.note('no configuration file was read')
}

function report(loaded: LoadedConfig, settings: readonly unknown[]): unknown {
  const { file, warnings, problems } = loaded
  return { file, ok: problems.length === 0, settings, warnings, problems }
}
