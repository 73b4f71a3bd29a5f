// carillon completion SHELL, and the hidden command that its scripts ask for names.

import { Argument } from 'commander'
import { doing, type Fill, finish, type Walk } from '../command-tree.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'
import { NAME_KINDS, type NameKind, type Place, placesOf } from './tree-words.ts'

const SHELLS: Readonly<Record<string, () => Promise<(places: readonly Place[]) => string>>> = {
  bash: async () => (await import('./bash.ts')).bashScript,
  zsh: async () => (await import('./zsh.ts')).zshScript,
  fish: async () => (await import('./fish.ts')).fishScript,
}

export const fillCompletion: Fill = (command, walk) => {
  finish(command)
    .addArgument(new Argument('<shell>').choices(Object.keys(SHELLS)))
    .addHelpText('after', '\nIn bash: source <(carillon completion bash)')
    .action(doing(walk, (session, shell: string) => printScript(session, shell, walk)))
}

async function printScript(session: Session, shell: string, walk: Walk): Promise<void> {
  const script = await SHELLS[shell]!()
  session.write(script(placesOf(await walk.tree())).trimEnd())
}

export const fillNames: Fill = (command, walk) => {
  finish(command)
    .addArgument(new Argument('<kind>').choices(NAME_KINDS))
    .argument('[prefix]')
    .action(doing(walk, printNames))
}

const NAMES_MAX = 100
const PATIENCE_MS = 1_500

/** A name a line. Whatever goes wrong, a person at the TAB key is not told: there is just nothing to complete. */
async function printNames(session: Session, kind: NameKind, prefix = ''): Promise<void> {
  const names = await namesOf(session, kind, prefix).catch(() => [])
  for (const name of names) if (name.startsWith(prefix) && safeText(name) === name) session.write(name)
}

async function namesOf({ client }: Session, kind: NameKind, prefix: string): Promise<string[]> {
  const options = { signal: AbortSignal.timeout(PATIENCE_MS) }
  const page = { limit: NAMES_MAX }
  const search = prefix === '' ? {} : { q: prefix }
  switch (kind) {
    case 'job':
      return (await client.jobs.list({ ...page, ...search }, options)).items.map(({ name }) => name)
    case 'run':
      return (await client.runs.list(page, options)).items.map(({ id }) => id)
    case 'project':
      return (await client.projects.list(page, options)).items.map(({ name }) => name)
    case 'key':
      return (await client.keys.list(page, options)).items
        .filter(({ revokedAt }) => revokedAt === null)
        .map(({ id }) => id)
    case 'callback':
      return (await client.callbacks.list(page, options)).items.map(({ id }) => id)
  }
}
