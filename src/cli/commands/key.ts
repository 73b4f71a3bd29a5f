// carillon key …

import type { Key, KeyWithSecret, Role, Scope } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { doing, type Fill, leaf } from '../command-tree.ts'
import { confirm } from '../confirm.ts'
import { duration } from '../durations.ts'
import { EXIT } from '../exit-code.ts'
import { addPageOptions, type PageOptions, printPages } from '../page-options.ts'
import { pointInTime } from '../point-in-time.ts'
import { commaList, repeated } from '../repeated.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'
import { table } from '../show/table.ts'
import { showInstant } from '../show/times.ts'

export const fillKey: Fill = (key, walk) => {
  leaf(key, 'create <name>', 'Make a key; it is shown this once')
    .option(
      '-r, --role <roles>',
      'what it may do: viewer, operator, editor, admin (commas, or repeat)',
      repeated,
    )
    .option(
      '-s, --scope <scopes>',
      'or scope by scope: jobs:read, jobs:write, runs:read, runs:write, admin, agent (commas, or repeat)',
      repeated,
    )
    .option('-p, --project <name>', 'where it may do it (repeat; default: everywhere)', repeated)
    .option('--expires-in <duration>', 'it stops working after so long: 90d', duration)
    .option('--expires-at <time>', 'it stops working then')
    .option('--no-expiry', 'it works until it is revoked')
    .action(doing(walk, createKey))

  addPageOptions(leaf(key, 'list', 'List keys, the revoked ones too')).action(doing(walk, listKeys))

  leaf(key, 'edit <key>', 'Change what a key is called, may do, and how long it works')
    .option('--name <name>', 'what it is called')
    .option('-r, --role <roles>', 'all it may do from now on, by role (commas, or repeat)', repeated)
    .option('-s, --scope <scopes>', 'or scope by scope (commas, or repeat)', repeated)
    .option('--expires-in <duration>', 'it stops working after so long: 90d', duration)
    .option('--expires-at <time>', 'it stops working then')
    .option('--no-expiry', 'it works until it is revoked')
    .action(doing(walk, editKey))

  leaf(key, 'rotate <key>', 'A new secret for the same key')
    .option('--overlap <duration>', 'the old secret works so long still (default 0s)')
    .action(doing(walk, rotateKey))

  leaf(key, 'revoke <key>', 'End a key, at once and for good').action(doing(walk, revokeKey))
}

type CreateOptions = {
  readonly role?: readonly string[]
  readonly scope?: readonly string[]
  readonly expiry: boolean
  readonly project?: readonly string[]
  readonly expiresIn?: number
  readonly expiresAt?: string
}

async function createKey(session: Session, name: string, options: CreateOptions): Promise<void> {
  const { role = [], scope = [], project, expiresIn, expiresAt, expiry } = options
  if (role.length + scope.length === 0)
    throw new CliError(EXIT.usage, 'Say what it may do: --role viewer, or --scope jobs:read.')
  const end = endOf({ expiry, expiresIn, expiresAt })
  const key = await session.client.keys.create({
    name,
    scopes: scope.flatMap(commaList) as Scope[],
    ...(role.length === 0 ? {} : { roles: role.flatMap(commaList) as Role[] }),
    ...(project === undefined ? {} : { projects: [...project] }),
    ...(end === undefined ? {} : { expiresAt: end }),
  })
  await showSecret(session, key)
}

type EndOptions = {
  readonly expiry: boolean
  readonly expiresIn?: number | undefined
  readonly expiresAt?: string | undefined
}

/** undefined: nothing is said of it. */
function endOf({ expiry, expiresIn, expiresAt }: EndOptions): string | null | undefined {
  if (!expiry && (expiresIn !== undefined || expiresAt !== undefined))
    throw new CliError(EXIT.usage, 'It ends, or it does not: --no-expiry goes with no other --expires-….')
  if (!expiry) return null
  const now = new Date()
  if (expiresIn !== undefined) return new Date(now.getTime() + expiresIn).toISOString()
  return expiresAt === undefined ? undefined : pointInTime(expiresAt, now, true)
}

type EditOptions = Omit<CreateOptions, 'project'> & { readonly name?: string }

async function editKey(session: Session, id: string, options: EditOptions): Promise<void> {
  const { name, role = [], scope = [] } = options
  const end = endOf(options)
  if (name === undefined && end === undefined && role.length + scope.length === 0)
    throw new CliError(EXIT.usage, 'Say what is to change: --name, --role, --scope or --expires-in.')
  const key = await session.client.keys.edit(id, {
    ...(name === undefined ? {} : { name }),
    ...(scope.length === 0 ? {} : { scopes: scope.flatMap(commaList) as Scope[] }),
    ...(role.length === 0 ? {} : { roles: role.flatMap(commaList) as Role[] }),
    ...(end === undefined ? {} : { expiresAt: end }),
  })
  await session.print(key, () =>
    safeText(`${key.name} (${key.id}): ${key.scopes.join(', ')}, ${stateOf(key)}`),
  )
}

/** The secret alone is data: KEY=$(carillon key create …) works. */
async function showSecret(session: Session, key: KeyWithSecret): Promise<void> {
  await session.print(key, () => key.secret)
  session.say(
    `This is ${safeText(key.name)} (${key.id}), for ${key.scopes.join(', ')}. Nobody can show it again: keep it now.`,
  )
}

async function listKeys(session: Session, options: PageOptions): Promise<void> {
  await printPages(
    session,
    options,
    (page) => session.client.keys.list(page),
    (keys) =>
      table(
        keys,
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'NAME', value: ({ name }) => name },
          { title: 'BEGINS', value: ({ hint }) => hint },
          { title: 'STATE', value: stateOf },
          { title: 'LAST USED', value: ({ lastUsedAt }) => showInstant(lastUsedAt) },
          { title: 'SCOPES', value: ({ scopes }) => scopes.join(',') },
        ],
        session.look,
      ),
    'No keys.',
  )
}

function stateOf({ revokedAt, expiresAt }: Key): string {
  if (revokedAt !== null) return 'revoked'
  if (expiresAt === null) return 'live'
  return Date.parse(expiresAt) <= Date.now() ? 'expired' : `live until ${showInstant(expiresAt)}`
}

async function rotateKey(
  session: Session,
  id: string,
  { overlap }: { readonly overlap?: string },
): Promise<void> {
  if (overlap === undefined) await confirm(session, `The old secret of ${id} stops working at once. Go on?`)
  await showSecret(session, await session.client.keys.rotate(id, overlap === undefined ? {} : { overlap }))
}

async function revokeKey(session: Session, id: string): Promise<void> {
  await confirm(session, `Revoke the key ${id}? It works no more, at once and for good.`)
  const key = await session.client.keys.revoke(id)
  await session.print(key, () => `Revoked ${key.id}`)
}
