// carillon scheduler0 …: the commands of that system's document. Its config.yml is read, its .scheduler0 file holds the key
// by which this machine's commands come in.

import { existsSync, readFileSync } from 'node:fs'
import { formatAddress } from '../../main/config/kinds.ts'
import type { LoadedConfig } from '../../main/config/load-config.ts'
import { readScheduler0File, SCHEDULER0_FILE } from '../../main/config/replaced/scheduler0-file.ts'
import { localSecret } from '../../main/local-secret.ts'
import { writePrivateFile } from '../../main/private-file.ts'
import { Transport } from '../../sdk/transport.ts'
import { CliError } from '../cli-error.ts'
import { doing, type Fill, leaf } from '../command-tree.ts'
import { configOf } from '../config-flags.ts'
import { refuseProblems, sayWarnings } from '../config-problems.ts'
import { confirm } from '../confirm.ts'
import { EXIT } from '../exit-code.ts'
import type { Session } from '../session.ts'
import { runServer } from './serve.ts'

const SECRET_FILE = '.scheduler0'

export const fillScheduler0: Fill = (command, walk) => {
  const config = command.command('config').description('Its configuration')
  leaf(config, 'init', `Read ${SCHEDULER0_FILE} and say what it means here`).action(doing(walk, initConfig))
  const credential = command.command('credential').description('The key of this machine')
  leaf(credential, 'init', `Make the key that "start" uses, in ${SECRET_FILE}`).action(
    doing(walk, initCredential),
  )
  const create = command.command('create').description('Make things')
  leaf(create, 'credential', 'Make an api key and an api secret for a client').action(
    doing(walk, createCredential),
  )
  leaf(command, 'start', `Start a server by ${SCHEDULER0_FILE}, with the addresses of that system`).action(
    doing(walk, start),
  )
}

async function configured(session: Session): Promise<LoadedConfig> {
  const { terminal } = session
  const file = await readScheduler0File(SCHEDULER0_FILE, terminal.readFile)
  const loaded = await configOf(terminal, 'up', {}, file === null ? [] : [file])
  refuseProblems(loaded)
  return loaded
}

async function initConfig(session: Session): Promise<void> {
  const loaded = await configured(session)
  sayWarnings(session, loaded)
  const { config, origins } = loaded
  const taken = Object.entries(origins).flatMap(([key, origin]) => {
    const value = config[key as keyof typeof config]
    return /^(?:config\.yml: |SCHEDULER0_)/.test(origin)
      ? [{ from: origin, as: key, value: plain(value) }]
      : []
  })
  await session.print(taken, () =>
    taken.map(({ from, as, value }) => `${from} → ${as} = ${value}`).join('\n'),
  )
  session.note('nothing was wiped; what is not listed has no meaning here')
}

function plain(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return 'host' in value ? formatAddress(value as { host: string; port: number }) : JSON.stringify(value)
}

async function initCredential(session: Session): Promise<void> {
  if (existsSync(SECRET_FILE)) {
    await confirm(
      session,
      `${SECRET_FILE} exists. Replace it? Servers started with it take the new key at their next start.`,
    )
  }
  const adminKey = localSecret()
  await writePrivateFile(SECRET_FILE, `${JSON.stringify({ adminKey })}\n`)
  session.say(`The key of this machine is in ${SECRET_FILE}, for its owner's eyes only.`)
}

async function createCredential(session: Session): Promise<void> {
  const { config } = await configured(session)
  const address = config.doorScheduler0Listen ?? config.listen
  const prefix = config.doorScheduler0Listen === null ? '/compat/scheduler0' : ''
  const url = `http://${formatAddress(address)}${prefix}`
  const transport = new Transport({ url, apiKey: storedKey(), retries: 0 })
  const made = await transport.call<unknown>({ method: 'POST', path: '/v1/credentials', body: {} })
  session.write(`${JSON.stringify(made)}\n`)
}

async function start(session: Session): Promise<void> {
  const loaded = await configured(session)
  sayWarnings(session, loaded)
  const adminKey = loaded.config.adminKey ?? (existsSync(SECRET_FILE) ? storedKey() : null)
  await runServer(session, 'up', { ...loaded, config: { ...loaded.config, adminKey } })
}

function storedKey(): string {
  if (!existsSync(SECRET_FILE)) {
    throw new CliError(EXIT.configuration, `There is no ${SECRET_FILE} here.`, {
      hint: 'Make it: carillon scheduler0 credential init',
    })
  }
  const content = JSON.parse(readFileSync(SECRET_FILE, 'utf8')) as { adminKey?: unknown }
  if (typeof content.adminKey === 'string' && content.adminKey !== '') return content.adminKey
  throw new CliError(EXIT.configuration, `${SECRET_FILE} holds no key of ours.`, {
    hint: 'Make it anew: carillon scheduler0 credential init',
  })
}
