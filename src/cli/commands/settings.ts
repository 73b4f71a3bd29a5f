// carillon settings: what the server runs with, and where each value came from.

import { doing, type Fill, finish } from '../command-tree.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'
import { showSettings } from '../show/settings.ts'

export const fillSettings: Fill = (command, walk) => {
  finish(command).action(doing(walk, settings))
}

async function settings(session: Session): Promise<void> {
  const read = await session.client.settings.read()
  await session.print(read, () => showSettings(read.settings, session.look))
  for (const { origin, detail } of read.warnings) session.say(safeText(`${origin}: ${detail}`))
  session.note(
    read.file === null ? 'no configuration file was read' : `configuration file: ${safeText(read.file)}`,
  )
}
