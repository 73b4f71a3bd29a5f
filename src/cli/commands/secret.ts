// carillon secret …

import type { Secret } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { doing, type Fill, leaf } from '../command-tree.ts'
import { confirm } from '../confirm.ts'
import { EXIT } from '../exit-code.ts'
import { addPageOptions, type PageOptions, printPages } from '../page-options.ts'
import { readInput } from '../read-input.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'
import { table } from '../show/table.ts'
import { showInstant } from '../show/times.ts'

export const fillSecret: Fill = (secret, walk) => {
  leaf(secret, 'set <name>', 'Set a secret; jobs name it as {{secret.name}}')
    .option('-f, --file <path>', 'where its value stands; - is standard input', '-')
    .option('-p, --project <name>', 'the project it belongs to')
    .action(doing(walk, setSecret))
  addPageOptions(leaf(secret, 'list', 'List secrets, without their values'))
    .option('-p, --project <name>', 'of this project')
    .action(doing(walk, listSecrets))
  leaf(secret, 'delete <name...>', 'Delete secrets that no job uses')
    .option('-p, --project <name>', 'the project they belong to')
    .action(doing(walk, deleteSecrets))
  leaf(secret, 'reseal', 'Seal all secrets with the newest key, while the work goes on')
    .option('--renew', 'make a new key first, where the server made its keys itself')
    .action(doing(walk, resealSecrets))
}

type SetOptions = { readonly file: string; readonly project?: string }

/** Not on the command line: others can read that. */
async function setSecret(session: Session, name: string, { file, project }: SetOptions): Promise<void> {
  if (file === '-' && session.terminal.stdin.isTTY === true)
    session.say('The value, then the end of input (Ctrl-D):')
  const value = (await readInput(session, file)).replace(/\r?\n$/, '')
  if (value === '')
    throw new CliError(EXIT.usage, 'There is no value. Give it on standard input, or by --file.')
  const secret = await session.client.secrets.set(name, value, { project })
  await session.print(secret, () => secret.name)
  session.say(`Sealed. In a job: "Authorization": "Bearer {{secret.${safeText(secret.name)}}}"`)
}

type ListOptions = PageOptions & { readonly project?: string }

async function listSecrets(session: Session, options: ListOptions): Promise<void> {
  const { project } = options
  await printPages(
    session,
    options,
    (page) => session.client.secrets.list({ ...page, project }),
    (secrets: readonly Secret[]) =>
      table(
        secrets,
        [
          { title: 'NAME', value: ({ name }) => name },
          { title: 'SET', value: ({ updatedAt }) => showInstant(updatedAt) },
          { title: 'BY', value: ({ updatedBy }) => updatedBy },
          { title: 'SEALED WITH', value: ({ keyId }) => keyId },
        ],
        session.look,
      ),
    'No secrets.',
  )
}

async function deleteSecrets(
  session: Session,
  names: readonly string[],
  { project }: { readonly project?: string },
): Promise<void> {
  await confirm(session, names.length === 1 ? 'Delete this secret?' : `Delete ${names.length} secrets?`)
  for (const name of names) {
    await session.client.secrets.delete(name, { project })
    session.say(`Deleted ${safeText(name)}`)
  }
}

async function resealSecrets(session: Session, { renew }: { readonly renew?: boolean }): Promise<void> {
  const done = await session.client.secrets.reseal({ renew: renew === true })
  await session.print(done, () => `${done.resealed} sealed anew, with the key ${done.keyId}`)
}
