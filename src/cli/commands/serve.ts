// Starts a server in this process, tells how to use it, and stops it when asked to.

import type { Mode } from '../../main/config/config.ts'
import type { LoadedConfig } from '../../main/config/load-config.ts'
import { doing, type Fill, finish } from '../command-tree.ts'
import { addConfigFlags, configOf } from '../config-flags.ts'
import { refuseProblems, sayWarnings } from '../config-problems.ts'
import type { Session } from '../session.ts'
import { signalled } from '../signals.ts'
import { startProblem } from '../start-problem.ts'
import { welcome } from '../welcome.ts'

export const fillUp: Fill = (command, walk) => {
  finish(addConfigFlags(command), ['--url', '--api-key']).action(
    doing(walk, (session, options: object) => serve(session, 'up', options)),
  )
}

export const fillServer: Fill = (command, walk) => {
  finish(addConfigFlags(command), ['--url', '--api-key']).action(
    doing(walk, (session, options: object) => serve(session, 'server', options)),
  )
}

async function serve(session: Session, mode: Mode, options: object): Promise<void> {
  const loaded = await configOf(session.terminal, mode, options as Readonly<Record<string, unknown>>)
  refuseProblems(loaded)
  sayWarnings(session, loaded)
  await runServer(session, mode, loaded)
}

/** Until it is asked to stop. */
export async function runServer(session: Session, mode: Mode, loaded: LoadedConfig): Promise<void> {
  const { config } = loaded
  // Heard from the first moment: a signal during the start stops what has just been started.
  const stopAsked = signalled()
  const { startServer } = await import('../../main/server.ts')
  const { watchHeapGrowth } = await import('../../main/heap-growth.ts')
  using _ = watchHeapGrowth()
  const server = await startServer(config, loaded).catch((error: unknown) => {
    throw startProblem(error, config)
  })
  const { url, pageUrl, adminKey } = server
  if (mode === 'up') session.write(welcome({ url, pageUrl, adminKey, config, paint: session.paint }))
  else if (adminKey.created)
    session.say(`The admin key was made and is kept in ${adminKey.path}, for its owner's eyes only.`)
  // Only to a person: log lines are kept and shipped elsewhere.
  if (mode === 'server' && pageUrl !== null && session.terminal.stderr.isTTY === true)
    session.say(`The page, signed in once: ${pageUrl}`)
  await Promise.race([server.closed, stopAsked.then(() => session.note('stopping; once more to force it'))])
  await server.stop()
}
