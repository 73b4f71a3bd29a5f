// carillon login, carillon logout: coming in by an issuer that the server trusts.

import type { StoredLogin } from '../../main/config/login-file.ts'
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
    .option('--browser', 'by a browser on this machine, not by a code that is confirmed anywhere')
    .action(doing(walk, login))
}

export const fillLogout: Fill = (command, walk) => {
  finish(command).action(doing(walk, logout))
}

type LoginOptions = { readonly issuer?: string; readonly browser?: boolean }

async function login(session: Session, { issuer, browser }: LoginOptions): Promise<void> {
  const { url } = session.settings
  const way = await wayIn(session, issuer)
  const signedIn = await signIn(session, way, browser === true)
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

/** An issuer without a device flow has a browser come here too. */
async function signIn(session: Session, way: Way, browser: boolean): Promise<StoredLogin> {
  const { askForDevice, byBrowser } = await import('../login/issuer-client.ts')
  const client = { issuer: way.issuer, clientId: way.clientId, resource: way.resource }
  const device = browser ? null : await askForDevice(client, way.scopes)
  if (device === null) {
    return byBrowser(client, way.scopes, (address) => {
      session.say(`Open ${safeText(address)}`)
      session.say('in a browser on this machine: it comes back here.')
    })
  }
  session.say(`Open ${safeText(device.complete ?? device.url)}`)
  session.say(`and confirm that it shows the code ${safeText(device.code)}.`)
  return device.confirmed
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
