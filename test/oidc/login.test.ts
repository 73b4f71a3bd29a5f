// People who come by an issuer: another program, a real server, and a browser between them.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { LOGIN_MS, LoginCookies } from '../../src/commands/login-cookie.ts'
import type { Me, OpenVisit, WaysIn } from '../../src/sdk/index.ts'
import { chance, closedPort } from '../dispatch/support.ts'
import { buildPage, findChromium, openBrowser } from '../page/browser.ts'
import { Folder } from '../support/folder.ts'
import { IdentityProvider } from '../support/identity-provider-process.ts'
import { ADMIN_KEY, ServerProcess } from '../support/server-process.ts'
import { type Page, SmallBrowser, signInAtIssuer } from './small-browser.ts'

const SECRET = 'a-secret-of-the-page'
const SAME = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }

const chromium = findChromium()
const folder = new Folder()
let provider: IdentityProvider
let server: ServerProcess

before(async () => {
  if (chromium !== null) buildPage()
  const port = await closedPort()
  provider = await IdentityProvider.start({
    clients: [
      {
        client_id: 'page',
        client_secret: SECRET,
        redirect_uris: [`http://127.0.0.1:${port}/v1/visit/issuer`],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
  })
  const grants = [
    { when: { groups: 'sre' }, roles: 'admin' },
    { when: { groups: 'dev' }, roles: 'viewer', projects: 'default' },
  ]
  const login = { clientId: 'page', title: 'Example', scopes: ['openid', 'email', 'groups'] }
  const oidc = [{ issuer: provider.issuer, audience: 'carillon', grants, login }]
  server = await ServerProcess.start({
    dataDir: folder.path,
    listen: `127.0.0.1:${port}`,
    env: { CARILLON_OIDC: JSON.stringify(oidc), CARILLON_OIDC_CLIENT_SECRET: SECRET },
  })
})
after(async () => {
  await server[Symbol.asyncDispose]()
  await provider[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const isBack = (url: URL): boolean => url.pathname === '/v1/visit/issuer'

async function begin(browser: SmallBrowser): Promise<string> {
  const body = JSON.stringify({ issuer: provider.issuer })
  const page = await browser.ask(`${server.url}/v1/visit/issuer`, { method: 'POST', headers: SAME, body })
  assert.equal(page.status, 201, page.text)
  const [cookie = ''] = page.cookies
  assert.match(cookie, /^carillon_login=\S+; Path=\/v1\/visit\/issuer; HttpOnly; SameSite=Lax; Max-Age=600$/)
  return (JSON.parse(page.text) as { url: string }).url
}

async function signIn(browser: SmallBrowser, name: string): Promise<Page & { location: URL | null }> {
  return browser.ask(await signInAtIssuer(browser, await begin(browser), name, isBack))
}

async function me(browser: SmallBrowser): Promise<Me> {
  const page = await browser.ask(`${server.url}/v1/visit`)
  assert.equal(page.status, 200, page.text)
  return JSON.parse(page.text) as Me
}

/** Back at the page where one signs in, and nobody. */
async function assertRefused(browser: SmallBrowser, page: Page & { location: URL | null }): Promise<void> {
  assert.equal(page.status, 303)
  assert.equal(page.location?.pathname + (page.location?.search ?? ''), '/sign-in?refused=unauthenticated')
  assert.equal(browser.cookie(server.url, 'carillon_visit'), undefined)
  assert.equal((await browser.ask(`${server.url}/v1/visit`)).status, 401)
}

test('the ways in are told to everybody, without anything secret', async () => {
  const text = await (await fetch(`${server.url}/v1/visit/ways`)).text()
  const { issuers } = JSON.parse(text) as WaysIn
  assert.deepEqual(issuers, [{ issuer: provider.issuer, page: { title: 'Example' }, terminal: null }])
})

test('a person comes in, is who they are, and goes', async () => {
  const browser = new SmallBrowser()
  const page = await signIn(browser, 'anna')
  assert.equal(page.status, 303)
  assert.equal(page.location?.href, `${server.url}/`)
  const cookie = page.cookies.find((one) => one.startsWith('carillon_visit='))
  assert.match(cookie ?? '', /; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43\d\d\d$/)
  assert.equal(browser.cookie(server.url, 'carillon_login'), undefined, 'it is of no use any more')
  const anna = await me(browser)
  assert.deepEqual([anna.name, anna.scopes, anna.projectIds], ['anna@example.com', ['admin'], null])
  assert.match(anna.keyId, /^oidc_/)

  const job = { name: 'by-anna', schedule: {}, target: { http: { url: 'https://example.com/' } } }
  const made = await browser.ask(`${server.url}/v1/jobs`, {
    method: 'POST',
    headers: SAME,
    body: JSON.stringify(job),
  })
  assert.equal(made.status, 201, made.text)
  const { items } = await server.client.audit.list({ actor: anna.keyId })
  assert.deepEqual(
    items.map(({ action }) => action),
    ['job.create', 'visit.sign_in'],
  )
  assert.deepEqual(items[0]!.detail.actor, { kind: 'oidc', issuer: provider.issuer, subject: 'anna' })
  // Another site writes nothing in their name.
  const headers = { ...SAME, 'sec-fetch-site': 'cross-site' }
  const forged = await browser.ask(`${server.url}/v1/jobs`, { method: 'POST', headers, body: '{}' })
  assert.equal(forged.status, 403)

  const token = browser.cookie(server.url, 'carillon_visit')!
  assert.equal((await browser.ask(`${server.url}/v1/visit`, { method: 'DELETE', headers: SAME })).status, 204)
  const again = await fetch(`${server.url}/v1/visit`, { headers: { cookie: `carillon_visit=${token}` } })
  assert.equal(again.status, 401)
})

test('grants bound them as they bound a token', async () => {
  const ben = new SmallBrowser()
  await signIn(ben, 'ben')
  const { scopes, projectIds } = await me(ben)
  assert.deepEqual([scopes, projectIds], [['jobs:read', 'runs:read'], ['prj_default']])
  assert.equal((await ben.ask(`${server.url}/v1/keys`)).status, 403)
  const eve = new SmallBrowser()
  await assertRefused(eve, await signIn(eve, 'eve'))
})

test('visits are seen and ended: one’s own by everybody, all by an admin', async () => {
  const [anna, ben] = [new SmallBrowser(), new SmallBrowser()]
  await signIn(anna, 'anna')
  await signIn(ben, 'ben')
  const list = async (browser: SmallBrowser): Promise<OpenVisit[]> =>
    (JSON.parse((await browser.ask(`${server.url}/v1/visits`)).text) as { items: OpenVisit[] }).items
  const hers = (await list(anna)).find(({ own }) => own)!
  const his = (await list(anna)).find(({ name }) => name === 'ben@example.com')!
  assert.equal(his.issuer, provider.issuer)
  assert.ok((await list(ben)).every(({ name }) => name === 'ben@example.com'))
  const end = async (browser: SmallBrowser, id: string): Promise<number> =>
    (await browser.ask(`${server.url}/v1/visits/${id}`, { method: 'DELETE', headers: SAME })).status
  assert.equal(await end(ben, hers.id), 404, 'as if there were none')
  assert.equal(await end(anna, his.id), 204)
  assert.equal((await ben.ask(`${server.url}/v1/visit`)).status, 401)
  assert.equal(await end(anna, his.id), 404)
  assert.equal(await end(anna, hers.id), 204)
  assert.equal((await anna.ask(`${server.url}/v1/visit`)).status, 401)
  await assert.rejects(server.client.visit.revoke(hers.id))
})

describe('an answer that is not one to what this browser asked is refused', () => {
  test('of another browser (a link that signs one in as somebody else)', async () => {
    const [theirs, mine] = [new SmallBrowser(), new SmallBrowser()]
    const back = await signInAtIssuer(theirs, await begin(theirs), 'anna', isBack)
    await assertRefused(mine, await mine.ask(back))
    // And with a sign-in of one's own under way.
    await begin(mine)
    await assertRefused(mine, await mine.ask(back))
  })

  test('a second time', async () => {
    const browser = new SmallBrowser()
    const back = await signInAtIssuer(browser, await begin(browser), 'anna', isBack)
    const cookie = browser.cookie(server.url, 'carillon_login')!
    assert.equal((await browser.ask(back)).location?.pathname, '/')
    const again = await fetch(back, { headers: { cookie: `carillon_login=${cookie}` }, redirect: 'manual' })
    assert.match(again.headers.get('location') ?? '', /^\/sign-in\?refused/)
  })

  test('with another state, without one, without a code, with an error, with another issuer', async () => {
    for (const spoil of [
      (url: URL) => url.searchParams.set('state', 'x'.repeat(43)),
      (url: URL) => url.searchParams.delete('state'),
      (url: URL) => url.searchParams.delete('code'),
      (url: URL) => url.searchParams.set('code', 'x'),
      (url: URL) => url.searchParams.set('error', 'access_denied'),
      (url: URL) => url.searchParams.set('iss', 'https://evil.example'),
      (url: URL) => url.searchParams.append('state', 'y'),
    ]) {
      const browser = new SmallBrowser()
      const back = await signInAtIssuer(browser, await begin(browser), 'anna', isBack)
      spoil(back)
      await assertRefused(browser, await browser.ask(back))
    }
  })

  test('with a verifier that is another sign-in’s', async () => {
    const browser = new SmallBrowser()
    const first = await signInAtIssuer(browser, await begin(browser), 'anna', isBack)
    const second = new URL(await begin(browser))
    first.searchParams.set('state', second.searchParams.get('state')!)
    await assertRefused(browser, await browser.ask(first))
  })
})

test('only the page of this server begins a sign-in, and only by issuers it knows', async () => {
  const post = (headers: Record<string, string>, issuer: string): Promise<Response> =>
    fetch(`${server.url}/v1/visit/issuer`, { method: 'POST', headers, body: JSON.stringify({ issuer }) })
  assert.equal((await post({ ...SAME, 'sec-fetch-site': 'cross-site' }, provider.issuer)).status, 403)
  assert.equal((await post(SAME, 'https://evil.example')).status, 404)
})

test('state, nonce and challenge are new each time, and S256', async () => {
  const [first, second] = [new URL(await begin(new SmallBrowser())), new URL(await begin(new SmallBrowser()))]
  for (const name of ['state', 'nonce', 'code_challenge']) {
    assert.match(first.searchParams.get(name)!, /^[\w-]{43}$/)
    assert.notEqual(first.searchParams.get(name), second.searchParams.get(name))
  }
  assert.equal(first.searchParams.get('code_challenge_method'), 'S256')
})

test('in a real browser: the button leads there and back, signed in', {
  skip: chromium === null ? 'there is no Chromium here' : false,
}, async () => {
  const browser = await openBrowser(chromium!)
  try {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${server.url}/sign-in`)
    await page.getByRole('button', { name: 'Sign in with Example' }).click()
    await page.locator('input[name="login"]').fill('anna')
    await page.locator('input[name="password"]').fill('x')
    await page.locator('button[type="submit"]').click()
    await page.waitForURL(/interaction/)
    await page.locator('button[type="submit"]').click()
    await page.locator('.shell').waitFor()
    assert.equal(page.url(), `${server.url}/`)
    const cookies = await context.cookies(server.url)
    const visit = cookies.find(({ name }) => name === 'carillon_visit')
    assert.deepEqual([visit?.httpOnly, visit?.sameSite], [true, 'Strict'])
    // Who is granted nothing is told so.
    const other = await (await browser.newContext()).newPage()
    await other.goto(`${server.url}/sign-in?refused=unauthenticated`)
    await other.getByText('The issuer has not let you in here').waitFor()
    assert.equal(other.url(), `${server.url}/sign-in`)
  } finally {
    await browser.close()
  }
})

test('nothing secret is in the log', () => {
  assert.ok(
    !server.log.includes(SECRET) && !server.log.includes('carillon_login') && !server.log.includes(ADMIN_KEY),
  )
})

test('the cookie of a sign-in is ours, whole, and of the last minutes', () => {
  const cookies = new LoginCookies('secret')
  const cookie = cookies.make(chance, 1_000, 'https://login.example.com')
  const read = (text: string, now = 1_000) => cookies.read(text, now, 'http://here/back')
  assert.equal(read(cookie)?.issuer, 'https://login.example.com')
  assert.equal(read(cookie, 1_000 + LOGIN_MS), null)
  assert.equal(new LoginCookies('other').read(cookie, 1_000, 'http://here/back'), null)
  const [handle, until, issuer, signature] = cookie.split('.') as [string, string, string, string]
  const evil = Buffer.from('https://evil.example').toString('base64url')
  for (const forged of [
    '',
    `${handle}.${until}.${evil}.${signature}`,
    `${handle}.${Number(until) + 1}.${issuer}.${signature}`,
    `${'0'.repeat(31)}1.${until}.${issuer}.${signature}`,
    `${handle}.${until}.${issuer}.${'A'.repeat(43)}`,
    `${cookie}.`,
  ])
    assert.equal(read(forged), null, forged)
})
