// Which Carillon this is, and which one the server is.

import type { Fill } from '../command-tree.ts'
import { doing, finish } from '../command-tree.ts'
import type { Session } from '../session.ts'
import { fields } from '../show/table.ts'

export const fillVersion: Fill = (command, walk) => {
  finish(command).option('--server', 'ask the server too').action(doing(walk, showVersion))
}

async function showVersion(session: Session, options: { server?: boolean }): Promise<void> {
  const { version } = await import('../../main/version.ts')
  const server = options.server === true ? await session.client.health.version() : null
  const data = server === null ? version : { ...version, server }
  await session.print(data, () => {
    if (session.options.verbose !== true && server === null) return `carillon ${version.version}`
    const rows: [string, string][] = [
      ['carillon', version.version],
      ['node', version.node],
      ['tzdata', version.tzdata],
    ]
    if (server !== null)
      rows.push(['server', `${server.version} (node ${server.node}, tzdata ${server.tzdata})`])
    return fields(rows, session.look)
  })
}
