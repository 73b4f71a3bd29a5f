// Coming in at a terminal: the command line as people start it, an issuer, a server, and a browser somewhere else.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { StoredLogins } from '../../src/main/config/login-file.ts'
import { carillon } from '../cli/cli.ts'
import { Folder } from '../support/folder.ts'
import { IdentityProvider } from '../support/identity-provider-process.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { SmallBrowser, signInAtIssuer } from './small-browser.ts'

type Result = { readonly code: number | null; readonly out: string; readonly err: string }

const PROGRAM = fileURLToPath(new URL('../../bin/carillon.js', import.meta.url))
const folder = new Folder()
const file = folder.file('config/carillon/logins.json')
let provider: IdentityProvider
/** It has no device flow. */
let deviceless: IdentityProvider
let server: ServerProcess
let env: Record<string, string>

before(async () => {
  provider = await IdentityProvider.start({
    clients: [
      {
        client_id: 'terminal',
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: ['http://127.0.0.1/callback'],
      },
    ],
  })
  deviceless = await IdentityProvider.start({
    device: false,
    clients: [
      {
        client_id: 'terminal',
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: ['http://127.0.0.1/callback'],
      },
    ],
  })
  const terminal = {
    clientId: 'terminal',
    scopes: ['openid', 'offline_access', 'groups'],
    resource: 'urn:carillon',
  }
  const grants = [{ when: { groups: 'sre' }, roles: 'editor' }]
  const oidc = [provider, deviceless].map(({ issuer }) => ({
    issuer,
    audience: 'carillon',
    grants,
    terminal,
  }))
  server = await ServerProcess.start({
    dataDir: folder.file('data'),
    env: { CARILLON_OIDC: JSON.stringify(oidc) },
  })
  env = { XDG_CONFIG_HOME: folder.file('config'), CARILLON_URL: server.url }
})
after(async () => {
  await server[Symbol.asyncDispose]()
  await provider[Symbol.asyncDispose]()
  await deviceless[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** As a process of its own. */
function apart(args: readonly string[], said: (err: string) => void = () => {}): Promise<Result> {
  const { PATH } = process.env
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { PATH, ...env } as NodeJS.ProcessEnv })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
    said(err)
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })))
}

/** The same by a browser on this machine; `turn` changes what it brings back. */
async function loginByBrowser(
  name: string,
  args: readonly string[],
  turn: (back: URL) => void = () => {},
): Promise<Result & { readonly page: number; readonly again: number | null }> {
  let err = ''
  const ended = apart(['login', ...args], (text) => (err = text))
  const url = await until('it says where to go', 20_000, () => /Open (http\S+)/.exec(err)?.[1])
  const asked = new URL(url).searchParams
  const redirect = asked.get('redirect_uri')!
  assert.match(redirect, /^http:\/\/127\.0\.0\.1:\d+\/callback$/)
  assert.equal(asked.get('code_challenge_method'), 'S256')
  for (const once of ['state', 'nonce', 'code_challenge']) assert.match(asked.get(once)!, /^[\w-]{43}$/)
  const browser = new SmallBrowser()
  const back = await signInAtIssuer(browser, url, name, ({ href }) => href.startsWith(redirect))
  turn(back)
  const page = await browser.ask(back)
  assert.match(page.text, /This page can be closed/)
  const result = await ended
  const again = await fetch(back).then(
    ({ status }) => status,
    () => null,
  )
  return { ...result, page: page.status, again }
}

/** Starts `carillon login` and does in a browser what it asks for, as this person. */
async function login(name: string): Promise<Result> {
  let err = ''
  const ended = apart(['login', '--issuer', provider.issuer], (text) => (err = text))
  const url = await until('it says where to go', 20_000, () => /Open (http\S+)/.exec(err)?.[1])
  const browser = new SmallBrowser()
  let page = await browser.go(url)
  for (let n = 0; n < 8 && /<form/.test(page.text); n += 1) {
    const asksWho = /name="login"/.test(page.text)
    page = await browser.submit(page, asksWho ? { login: name, password: 'x' } : {})
  }
  return ended
}

const stored = (): StoredLogins => JSON.parse(readFileSync(file, 'utf8')) as StoredLogins
const job = ['job', 'create', '--every', '1h', '--url', 'https://example.com/']

test('login, work, be prolonged, logout', { timeout: 90_000 }, async () => {
  const before = await carillon(['job', 'list'], { env })
  assert.equal(before.code, 4, before.err)
  assert.match(before.err, /carillon login/)

  const { code, out, err } = await login('anna')
  assert.equal(code, 0, err)
  assert.equal(out, 'anna@example.com\n')
  assert.match(err, /code [A-Z]{4}-[A-Z]{4}/)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal(statSync(folder.file('config/carillon')).mode & 0o777, 0o700)
  const first = stored()[server.url]!
  for (const secret of [first.accessToken, first.refreshToken!]) assert.ok(!`${out}${err}`.includes(secret))

  const made = await carillon([...job, 'a'], { env })
  assert.equal(made.code, 0, made.err)
  const refused = await carillon(['key', 'list'], { env })
  assert.equal(refused.code, 4, 'an editor governs no keys')
  const { items } = await server.client.audit.list({ action: 'job.create' })
  assert.equal(items[0]!.actorName, 'anna@example.com')
  // A key that is named counts more.
  const named = await carillon(['job', 'list', '--api-key', 'wrong'], { env })
  assert.equal(named.code, 4)

  // Its end is near: it is prolonged on the way, and the new one kept.
  writeFileSync(file, JSON.stringify({ ...stored(), [server.url]: { ...first, expiresAt: Date.now() } }))
  const later = await carillon(['job', 'list'], { env })
  assert.equal(later.code, 0, later.err)
  const second = stored()[server.url]!
  assert.notEqual(second.accessToken, first.accessToken)
  assert.ok(second.expiresAt! > Date.now() + 60_000)

  // Three at once: the refresh token changes with each use, and all go on.
  writeFileSync(file, JSON.stringify({ ...stored(), [server.url]: { ...second, expiresAt: Date.now() } }))
  const all = await Promise.all([1, 2, 3].map(() => apart(['job', 'list'])))
  assert.deepEqual(
    all.map(({ code }) => code),
    [0, 0, 0],
    all.map(({ err }) => err).join(),
  )
  assert.equal((await carillon(['job', 'list'], { env })).code, 0)

  // An issuer that cannot be reached has ended nothing, and neither has a file that cannot be written.
  const now = stored()[server.url]!
  const away = { ...now, issuer: 'http://127.0.0.1:1', expiresAt: Date.now() }
  writeFileSync(file, JSON.stringify({ [server.url]: away }))
  const cut = await carillon(['job', 'list'], { env })
  assert.equal(cut.code, 6, cut.err)
  assert.match(cut.err, /could not be prolonged just now/)
  writeFileSync(file, JSON.stringify({ [server.url]: { ...away, expiresAt: Date.now() + 30_000 } }))
  assert.equal((await carillon(['job', 'list'], { env })).code, 0, 'it still has half a minute')
  const ending = JSON.stringify({ [server.url]: { ...now, expiresAt: Date.now() } })
  writeFileSync(file, ending)
  rmSync(`${file}.lock`)
  mkdirSync(`${file}.lock`)
  const unlocked = await carillon(['job', 'list'], { env })
  assert.equal(unlocked.code, 78, unlocked.err)
  rmdirSync(`${file}.lock`)
  assert.equal(readFileSync(file, 'utf8'), ending, 'what cannot be kept is not asked for')
  const aside = `${file}.${process.pid}.new`
  mkdirSync(aside)
  const unkept = await carillon(['job', 'list'], { env })
  assert.equal(unkept.code, 0, unkept.err)
  assert.match(unkept.err, /could not be kept/)
  rmdirSync(aside)
  await carillon(['logout'], { env })
  assert.equal((await login('anna')).code, 0)

  const third = stored()[server.url]!
  const out2 = await carillon(['logout'], { env })
  assert.equal(out2.code, 0, out2.err)
  assert.deepEqual(stored(), {})
  assert.equal((await carillon(['job', 'list'], { env })).code, 4)
  // The issuer has taken it back.
  writeFileSync(file, JSON.stringify({ [server.url]: { ...third, expiresAt: Date.now() } }))
  const gone = await carillon(['job', 'list'], { env })
  assert.equal(gone.code, 4)
  assert.match(gone.err, /sign-in at \S+ has ended[\s\S]*carillon login/)
  await carillon(['logout'], { env })
})

test('a browser on this machine comes back with one answer to what was asked', {
  timeout: 90_000,
}, async () => {
  const asked = ['--browser', '--issuer', provider.issuer]
  const here = await loginByBrowser('anna', asked)
  assert.deepEqual(
    [here.code, here.out, here.page, here.again],
    [0, 'anna@example.com\n', 200, null],
    here.err,
  )
  const kept = stored()[server.url]!
  assert.equal(kept.issuer, provider.issuer)
  assert.ok(kept.refreshToken !== null)
  for (const secret of [kept.accessToken, kept.refreshToken])
    assert.ok(!`${here.out}${here.err}`.includes(secret))
  assert.equal((await carillon(['job', 'list'], { env })).code, 0)
  // It is prolonged as what came by a device is.
  writeFileSync(file, JSON.stringify({ [server.url]: { ...kept, expiresAt: Date.now() } }))
  assert.equal((await carillon(['job', 'list'], { env })).code, 0)
  assert.notEqual(stored()[server.url]!.accessToken, kept.accessToken)
  await carillon(['logout'], { env })

  const forged = await loginByBrowser('anna', asked, (back) => back.searchParams.set('state', 'x'.repeat(43)))
  assert.deepEqual([forged.code, forged.page], [4, 400], forged.err)
  const said = await loginByBrowser('anna', asked, (back) => {
    back.searchParams.delete('code')
    back.searchParams.set('error', 'access_denied')
  })
  assert.deepEqual([said.code, said.page], [4, 400], said.err)
  assert.deepEqual(stored(), {})
})

test('where the issuer has no device flow it is a browser too', { timeout: 60_000 }, async () => {
  const { code, err, out } = await loginByBrowser('anna', ['--issuer', deviceless.issuer])
  assert.deepEqual([code, out], [0, 'anna@example.com\n'], err)
  await carillon(['logout'], { env })
})

test('whoever is granted nothing is not signed in', { timeout: 60_000 }, async () => {
  const { code, err } = await login('eve')
  assert.equal(code, 4, err)
  assert.deepEqual(stored(), {})
})

test('a server that nobody comes to by an issuer says so', async () => {
  await using other = await ServerProcess.start({ dataDir: folder.file('other') })
  const { code, err } = await carillon(['login'], { env: { ...env, CARILLON_URL: other.url } })
  assert.equal(code, 4)
  assert.match(err, /lets nobody in by an issuer from a terminal/)
  const wrong = await carillon(['login', '--issuer', 'https://else.example.com'], { env })
  assert.equal(wrong.code, 2)
  assert.match(wrong.err, new RegExp(provider.issuer))
})
