// carillon login, carillon logout: coming in by an issuer that the server trusts.

import { createClient } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { doing, type Fill, finish } from '../command-tree.ts'
import { EXIT } from '../exit-code.ts'
import { withLogin } from '../login/login-store.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'

export const fillLogin: Fill = (command, walk) => {
  finish(command)
    .option('--issuer <url>', 'by whom, where the server trusts several')
    .action(doing(walk, login))
}

export const fillLogout: Fill = (command, walk) => {
  finish(command).action(doing(walk, logout))
}

async function login(session: Session, { issuer }: { readonly issuer?: string }): Promise<void> {
  const { url } = session.settings
  const way = await wayIn(session, issuer)
  const { askForDevice } = await import('../login/issuer-client.ts')
  const client = { issuer: way.issuer, clientId: way.clientId, resource: way.resource }
  const device = await askForDevice(client, way.scopes)
  session.say(`Open ${safeText(device.complete ?? device.url)}`)
  session.say(`and confirm that it shows the code ${safeText(device.code)}.`)
  const signedIn = await device.confirmed
  // Only what opens this server is kept.
  const me = await createClient({ url, apiKey: signedIn.accessToken, retries: 1 }).visit.me()
  const path = await withLogin(session.terminal, url, async ({ path, keep }) => {
    await keep(signedIn)
    return path
  })
  await session.print(me, () => safeText(me.name))
  session.say(`Signed in at ${url}, for ${me.scopes.join(', ')}. Kept in ${path}, for you alone.`)
  if (signedIn.refreshToken === null)
    session.warn('The issuer gave nothing to prolong this with: it ends soon.')
}

type Way = {
  readonly issuer: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly resource: string | null
}

async function wayIn(session: Session, wanted: string | undefined): Promise<Way> {
  const { url } = session.settings
  // Without a key: whoever signs in has none, and an old one is not to be in the way.
  const { issuers } = await createClient({ url, retries: 1 }).visit.ways()
  const ways = issuers.flatMap(({ issuer, terminal }) => (terminal === null ? [] : [{ issuer, ...terminal }]))
  const fitting = ways.filter(({ issuer }) => wanted === undefined || issuer === wanted)
  const [way] = fitting
  if (way !== undefined && fitting.length === 1) return way
  const names = ways.map(({ issuer }) => issuer).join(', ')
  if (ways.length === 0) {
    throw new CliError(EXIT.auth, `${url} lets nobody in by an issuer from a terminal.`, {
      hint: 'Use a key: --api-key or CARILLON_API_KEY.',
    })
  }
  throw new CliError(EXIT.usage, `Say by whom: --issuer, one of ${names}.`)
}

async function logout(session: Session): Promise<void> {
  const { url } = session.settings
  const login = await withLogin(session.terminal, url, async ({ login, keep }) => {
    if (login !== null) await keep(null)
    return login
  })
  if (login === null) {
    session.say(`Nobody is signed in at ${url}.`)
    return
  }
  const { takenBack } = await import('../login/issuer-client.ts')
  try {
    if (!(await takenBack(login))) session.warn('The issuer takes nothing back: what it gave ends by itself.')
  } catch (error) {
    session.warn(`What the issuer gave was not taken back: ${(error as Error).message}`)
  }
  session.say(`Signed out at ${url}.`)
}
