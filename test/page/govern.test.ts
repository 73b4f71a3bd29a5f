// Who changed what, and what nobody reads again: the views of the audit and of secrets. Chromium against a real server.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { type AuditEntry, createClient, verifyAudit } from '../../src/sdk/index.ts'
import { Folder } from '../support/folder.ts'
import { ADMIN_KEY, ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { buildPage, findChromium, openBrowser, Window } from './browser.ts'
import { openTarget, type Target } from './target.ts'

const executable = findChromium()
const folder = new Folder()
const VALUE = 'correct horse battery staple'

describe('the page', { skip: executable === null ? 'there is no Chromium here' : false }, () => {
  let server: ServerProcess
  let browser: Browser
  let target: Target
  before(async () => {
    buildPage()
    target = await openTarget()
    server = await ServerProcess.start({ dataDir: folder.file('govern') })
    browser = await openBrowser(executable!)
  })
  after(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
    await target?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  test('a secret is set, named in a job, given a new value and deleted, and its value is never there', async () => {
    await using window = await Window.open(browser)
    const answers: Promise<string>[] = []
    window.page.on('response', (response) => {
      if (/\/v1\/(?!events)/.test(response.url())) answers.push(response.text().catch(() => ''))
    })
    await window.signIn(server.url)
    const { page } = window
    await page.goto(`${server.url}/secrets`)
    await page.getByText('No secret yet in this project.').waitFor()
    const write = async (name: string | null, value: string): Promise<void> => {
      if (name !== null) await page.getByLabel('Name', { exact: true }).fill(name)
      await page.getByLabel('Value', { exact: true }).fill(value)
      await page.getByRole('button', { name: 'Set it' }).click()
    }
    await page.getByRole('button', { name: 'New secret' }).click()
    await write('not a name', VALUE)
    await page.getByRole('dialog').getByRole('alert').waitFor()
    await write('billing_token', VALUE)
    await page.getByText('billing_token is set.').waitFor()
    const row = page.locator('tr[data-row]').filter({ hasText: 'billing_token' })
    await row.getByText('never shown').waitFor()

    await page.getByRole('button', { name: 'New secret' }).click()
    await write('billing_token', 'another value of it')
    await page
      .getByRole('dialog')
      .getByRole('alert')
      .filter({ hasText: 'Give that one a new value' })
      .waitFor()
    await page.keyboard.press('Escape')

    const headers = { Authorization: 'Bearer {{secret.billing_token}}' }
    const { id } = await server.client.jobs.create({
      name: 'asks',
      schedule: {},
      target: { http: { url: target.url, headers } },
    })
    const before = await server.client.secrets.get('billing_token')
    await row.getByRole('button', { name: 'New value' }).click()
    await write(null, `${VALUE}, anew`)
    await page.getByText('billing_token has a new value.').waitFor()
    assert.notEqual((await server.client.secrets.get('billing_token')).updatedAt, before.updatedAt)

    await page.getByRole('button', { name: 'Seal them anew' }).click()
    await page.getByLabel('Make a new key first').check()
    await page.getByRole('button', { name: 'Seal them', exact: true }).click()
    await page.getByText(/All are sealed with key/).waitFor()
    assert.notEqual((await server.client.secrets.get('billing_token')).keyId, before.keyId)

    await row.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete it' }).click()
    await page.getByRole('dialog').getByRole('alert').filter({ hasText: 'asks' }).waitFor()
    await server.client.jobs.delete(id)
    await page.getByRole('button', { name: 'Delete it' }).click()
    await page.getByText('No secret yet in this project.').waitFor()
    const all = (await Promise.all(answers)).join('\n') + (await page.content())
    assert.doesNotMatch(all, /correct horse|another value of it/)
  })

  test('the audit says who changed what, narrowed by the address, and every entry is in the chain', async () => {
    const { client } = server
    await client.jobs.create({ name: 'looked-at', schedule: {}, target: { http: { url: target.url } } })
    const { id } = await client.jobs.get('looked-at')
    await client.jobs.patch(id, { description: 'changed' })
    const deploy = await client.keys.create({ name: 'deploy <b>', scopes: ['jobs:write'] })
    const other = createClient({ url: server.url, apiKey: deploy.secret })
    await other.jobs.pause(id, { note: 'by another' })
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(`${server.url}/jobs/${id}`)
    await page.getByRole('link', { name: 'who changed it' }).click()
    await page.getByRole('heading', { name: 'Audit' }).waitFor()
    const rows = page.locator('tr[data-row]')
    await rows.filter({ hasText: 'job.pause' }).filter({ hasText: 'deploy <b>' }).waitFor()
    const shown = (): Promise<string[]> => rows.locator('button.link.mono').allInnerTexts()
    assert.deepEqual(await shown(), ['job.pause', 'job.update', 'job.create'])
    await rows.getByRole('button', { name: 'deploy <b>' }).click()
    await page.waitForURL(/actor=key_/)
    await until('only those of that key', 5_000, async () => (await shown()).join() === 'job.pause')
    await page.getByRole('button', { name: 'Show those by everybody' }).click()
    await page.getByRole('button', { name: 'Show those to everything' }).click()
    await page.getByLabel('Action').selectOption('key.create')
    await page.waitForURL(/action=key\.create/)
    await until('only new keys', 5_000, async () => (await shown()).every((one) => one === 'key.create'))
    await page.getByLabel('Action').selectOption('')
    await page.getByLabel('Since').selectOption({ label: 'the last hour' })
    await page.waitForURL(/from=/)
    await rows.filter({ hasText: 'job.create' }).first().waitFor()
    // Nobody reloads: what was written a moment ago becomes a link.
    await page.goto(`${server.url}/audit`)
    await client.jobs.resume(id)
    await rows.filter({ hasText: 'job.resume' }).first().waitFor()
    await page.getByText('not linked yet').first().waitFor({ state: 'detached' })

    await page.getByRole('button', { name: 'Check the chain' }).click()
    await page.locator('.notice[data-tone="ok"]').filter({ hasText: 'links hold' }).waitFor()
    const head = await page.locator('.notice code').innerText()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Take it away' }).click(),
    ])
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\n')
    const verdict = await verifyAudit(
      lines.map((line) => JSON.parse(line) as AuditEntry),
      { expect: head },
    )
    assert.equal(verdict.ok, true, JSON.stringify(verdict))
    await page.getByLabel('A head that was kept').fill('f'.repeat(64))
    await page.getByRole('button', { name: 'Check the chain' }).click()
    await page.getByRole('alert').filter({ hasText: 'entries were taken away' }).waitFor()

    const [csv] = await Promise.all([
      page.waitForEvent('download'),
      page.getByLabel(/^Export the \d+ rows/).selectOption('csv'),
    ])
    assert.match(readFileSync(await csv.path(), 'utf8'), /^id,at,actorId,actorName,action,.*\r\n/)
    await client.jobs.delete(id)
  })

  test('the settings say what the server runs with and who said so', async () => {
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(`${server.url}/settings`)
    const row = (option: string) =>
      page.getByRole('row').filter({ has: page.getByText(option, { exact: true }) })
    await row('data-dir')
      .filter({ hasText: folder.file('govern') })
      .filter({ hasText: '--data-dir' })
      .waitFor()
    assert.equal(await row('slots').count(), 0)
    await page.getByLabel(/defaults too/).check()
    await row('slots').filter({ hasText: 'default' }).waitFor()
    const key = row('admin-key')
    await key.filter({ hasText: 'CARILLON_ADMIN_KEY' }).filter({ hasText: '••••' }).waitFor()
    assert.ok(!(await page.content()).includes(ADMIN_KEY))
  })

  test('a key enters the projects it was made for, a token lets nobody in once it was ended', async () => {
    await server.client.projects.create({ name: 'garden' })
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(`${server.url}/keys`)
    await page.getByRole('button', { name: 'New key' }).click()
    await page.getByLabel('Name', { exact: true }).fill('gardener')
    await page.getByLabel('Only in these projects').fill('garden')
    await page.getByRole('button', { name: 'Make it' }).click()
    const secret = await page.locator('.notice code').innerText()
    await page
      .locator('tr[data-row]')
      .filter({ hasText: 'gardener' })
      .filter({ hasText: 'in garden' })
      .waitFor()
    const me = await createClient({ url: server.url, apiKey: secret }).visit.me()
    assert.equal(me.projectIds?.length, 1)

    await page.goto(`${server.url}/agents`)
    await page.getByRole('button', { name: 'Add an agent' }).click()
    await page.getByRole('button', { name: 'Make a token' }).click()
    await page.getByText(/npx carillon agent --server/).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'End it' }).click()
    await page.getByText('Nobody comes in by it any more.').waitFor()
    await page
      .getByRole('heading', { name: 'Tokens that nobody has used yet' })
      .waitFor({ state: 'detached' })
  })

  test('a key is given a role, or scopes one by one, and says which', async () => {
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    const make = async (name: string, role: string, scopes: readonly string[] = []): Promise<string> => {
      await page.goto(`${server.url}/keys`)
      await page.getByRole('button', { name: 'New key' }).click()
      await page.getByLabel('Name', { exact: true }).fill(name)
      await page.getByLabel('Role').selectOption(role)
      for (const scope of scopes) await page.getByRole('checkbox', { name: scope }).click()
      await page.getByRole('button', { name: 'Make it' }).click()
      return page.locator('.notice code').innerText()
    }
    const scopesOf = async (apiKey: string): Promise<readonly string[]> =>
      (await createClient({ url: server.url, apiKey }).visit.me()).scopes
    assert.deepEqual(await scopesOf(await make('night shift', 'operator')), ['jobs:read', 'runs:write'])
    const row = (name: string) => page.locator('tr[data-row]').filter({ hasText: name })
    await row('night shift').getByText('operator', { exact: true }).waitFor()
    // From the viewer's, which stand there at first.
    const own = await make('own choice', 'own', ['jobs:read'])
    assert.deepEqual(await scopesOf(own), ['runs:read'])
    assert.equal(await row('own choice').locator('strong').count(), 0)
  })

  test('visits are seen and ended: others’ by an admin, one’s own by anybody', async () => {
    const { secret } = await server.client.keys.create({ name: 'watcher', roles: ['viewer'] })
    await using window = await Window.open(browser)
    await using other = await Window.open(browser)
    await window.signIn(server.url)
    await other.signIn(server.url, secret)
    const { page } = window
    await page.goto(`${server.url}/settings`)
    const theirs = page.locator('tr[data-row]').filter({ hasText: 'watcher' })
    await theirs.getByText('a key or a link').waitFor()
    await page.locator('tr[data-row]').filter({ hasText: 'this one' }).waitFor()

    await other.page.goto(`${server.url}/settings`)
    await other.page.getByRole('heading', { name: 'Where you are signed in' }).waitFor()
    assert.equal(await other.page.locator('tr[data-row]').count(), 1, 'nobody else’s')
    await page.getByRole('button', { name: 'Sign out watcher' }).click()
    await page.getByText('watcher is signed out there.').waitFor()
    await theirs.waitFor({ state: 'detached' })
    await other.page.reload()
    await other.page.getByLabel('API key').waitFor()
    await page.getByRole('button', { name: 'Sign out here' }).click()
    await page.getByText('You are signed out.').waitFor()
  })

  test('dead letters of a run are told again together, and a run shows what it ran under', async () => {
    const { client } = server
    const callback = { url: `${target.url}/fails`, on: ['succeeded' as const], retryDelays: [] }
    const draft = { schedule: {}, target: { http: { url: `${target.url}/as-it-was` } }, callback }
    const { id } = await client.jobs.create({ name: 'told', ...draft })
    const first = await client.jobs.trigger(id)
    await client.runs.wait(first.id, { timeoutMs: 20_000 })
    await client.runs.wait((await client.jobs.trigger(id)).id, { timeoutMs: 20_000 })
    const dead = async (): Promise<number> =>
      (await client.callbacks.list({ job: id, status: 'dead' })).items.length
    await until('both are dead letters', 20_000, async () => (await dead()) === 2)
    await client.jobs.patch(id, { target: { http: { url: `${target.url}/as-it-is` } } })
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(`${server.url}/runs/${first.id}`)
    await page.locator('pre.code').filter({ hasText: '/as-it-was' }).waitFor()
    await page.getByRole('link', { name: 'who was told of its end' }).click()
    await page.waitForURL(/callbacks\?run=/)
    await page.locator('tr[data-row]').first().waitFor()
    assert.equal(await page.locator('tr[data-row]').count(), 1)
    await page.goto(`${server.url}/callbacks?status=dead&job=${id}`)
    await page.getByRole('button', { name: 'Tell all of these again' }).click()
    await page.getByText('2 are on their way again.').waitFor()
    await until('they were tried again', 20_000, async () => {
      const { items } = await client.callbacks.list({ job: id })
      const all = await Promise.all(items.map((one) => client.callbacks.get(one.id)))
      return all.every(({ deliveries }) => deliveries.length === 2)
    })
    await client.jobs.delete(id)
  })

  test('who may not enter every project is not offered the audit', async () => {
    const { id } = await server.client.projects.create({ name: 'shop' })
    const { secret } = await server.client.keys.create({ name: 'shop', scopes: ['admin'], projects: [id] })
    await using window = await Window.open(browser)
    await window.signIn(server.url, secret)
    const nav = window.page.getByRole('navigation', { name: 'Views' })
    await nav.getByRole('link', { name: 'Secrets' }).waitFor()
    assert.equal(await nav.getByRole('link', { name: 'Audit' }).count(), 0)

    // Its secrets and scripts are those of its own project, without being told which.
    const { page } = window
    await page.goto(`${server.url}/secrets`)
    await page.getByText('No secret yet in this project.').waitFor()
    assert.equal(await page.getByLabel('Project', { exact: true }).count(), 0)
    await page.getByRole('button', { name: 'New secret' }).click()
    await page.getByLabel('Name', { exact: true }).fill('till')
    await page.getByLabel('Value', { exact: true }).fill(VALUE)
    await page.getByRole('button', { name: 'Set it' }).click()
    await page.locator('tr[data-row]').filter({ hasText: 'till' }).waitFor()
    assert.equal((await server.client.secrets.get('till', { project: id })).projectId, id)
    await page.goto(`${server.url}/scripts`)
    await page.getByText('No script yet.').waitFor()
  })

  test('what looks like the id of a job and is a secret leads nowhere', async () => {
    const { client } = server
    const job = await client.jobs.create({
      name: 'linked',
      schedule: {},
      target: { http: { url: target.url } },
    })
    await client.secrets.set('job_sheet', VALUE)
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(`${server.url}/audit?subject=job_sheet`)
    await page.locator('tr[data-row] code').filter({ hasText: 'job_sheet' }).waitFor()
    assert.equal(await page.locator('tr[data-row]').getByRole('link', { name: 'job_sheet' }).count(), 0)
    await page.goto(`${server.url}/audit?subject=${job.id}`)
    await page.locator('tr[data-row]').getByRole('link', { name: job.id }).first().waitFor()
  })
})
