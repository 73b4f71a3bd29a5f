// The page as a person comes to it: in, for the first time, while the server is away, out.

import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pageFolder } from '../../src/doors/web/page-files.ts'
import { ServerProcess } from '../support/server-process.ts'
import { Window } from './browser.ts'
import { withPage } from './with-page.ts'

const FIRST_LOAD_GZIPPED_MAX = 120 * 1_024

withPage('coming and going', (here) => {
  test('a link signs in once, and is gone from the address', async () => {
    const { url } = await here.server.client.visit.ticket()
    await using window = await Window.open(here.browser)
    await window.page.goto(url)
    await window.page.getByRole('heading', { name: 'Nothing rings yet.' }).waitFor()
    assert.equal(window.page.url(), `${here.server.url}/`)
    const [cookie] = await window.page.context().cookies()
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, 'Strict'])
    await using other = await Window.open(here.browser)
    await other.page.goto(url)
    await other.page.getByText('This link has been used or has expired').waitFor()
  })

  test('an empty server offers a job that works with one click', async () => {
    await using window = await here.signedIn()
    await window.page.getByRole('button', { name: 'Make this job' }).first().click()
    await window.page.getByRole('heading', { name: 'hello' }).waitFor()
    // It rings within ten seconds; nobody needs to wait for that here.
    await here.server.client.jobs.trigger('hello')
    await window.page.locator('.strip a[data-tone="ok"]').first().waitFor()
    await here.server.client.jobs.delete('hello')
  })

  test('while the server is away the page says how old it is, then catches up', async () => {
    const first = await ServerProcess.start({ dataDir: here.folder.file('away') })
    const listen = first.url.replace('http://', '')
    await using window = await Window.open(here.browser)
    await window.signIn(first.url)
    const { page } = window
    await page.goto(`${first.url}/jobs`)
    await page.locator('.live[data-state="on"]').waitFor()
    await first.kill()
    await page.locator('.live[data-state="lost"]').filter({ hasText: 'not live, as of' }).waitFor()
    // Old news is marked, and never green.
    const tone = (of: string): Promise<unknown> =>
      page.evaluate(`(() => {
        const sign = document.createElement('span')
        sign.className = 'status'
        sign.dataset.tone = '${of}'
        document.querySelector('main').append(sign)
        return getComputedStyle(sign).color
      })()`)
    assert.equal(await tone('ok'), await tone('calm'))
    assert.notEqual(await tone('bad'), await tone('calm'))
    await using again = await ServerProcess.start({ dataDir: here.folder.file('away'), listen })
    await again.client.jobs.create({
      name: 'meanwhile',
      schedule: {},
      target: { http: { url: here.target.url } },
    })
    await page.locator('.live[data-state="on"]').waitFor({ timeout: 30_000 })
    await page.getByRole('link', { name: 'meanwhile' }).waitFor()
  })

  test('the first load is small, cached for good, and under a strict policy', async () => {
    await using window = await here.signedIn()
    const { page } = window
    await page.goto(here.server.url)
    await page.locator('main h1').waitFor()
    const names = (await page.evaluate(
      "performance.getEntriesByType('resource').map((entry) => entry.name)",
    )) as string[]
    const assets = names.filter((name) => name.includes('/assets/')).map((name) => new URL(name).pathname)
    const sizes = ['/index.html', ...assets].map((path) => statSync(join(pageFolder(), `${path}.gz`)).size)
    const total = sizes.reduce((sum, size) => sum + size, 0)
    assert.ok(assets.length >= 2 && total <= FIRST_LOAD_GZIPPED_MAX, `${total} bytes gzipped`)
    const asset = await fetch(here.server.url + assets[0]!, { headers: { 'accept-encoding': 'gzip, br' } })
    assert.equal(asset.headers.get('cache-control'), 'public, max-age=31536000, immutable')
    assert.equal(asset.headers.get('content-encoding'), 'br')
    const document = await fetch(`${here.server.url}/jobs/anything`, { headers: { accept: 'text/html' } })
    assert.equal(document.status, 200)
    const policy = document.headers.get('content-security-policy') ?? ''
    assert.match(policy, /default-src 'none'/)
    assert.doesNotMatch(policy, /unsafe|\*|https?:/)
    assert.equal(document.headers.get('x-content-type-options'), 'nosniff')
    assert.equal(document.headers.get('x-frame-options'), 'DENY')
    assert.equal(document.headers.get('referrer-policy'), 'no-referrer')
    assert.equal(document.headers.get('cache-control'), 'no-cache')
    assert.doesNotMatch(await document.text(), /<script(?![^>]*src=)|<style|\son\w+=|style=/)
    assert.equal(
      (await fetch(`${here.server.url}/no-such-page`, { headers: { accept: 'text/html' } })).status,
      404,
    )
    assert.equal((await fetch(`${here.server.url}/assets/..%2f..%2fpackage.json`)).status, 404)
  })

  test('signing out ends it: the cookie opens nothing any more', async () => {
    await using window = await here.signedIn()
    const { page } = window
    const [cookie] = await page.context().cookies()
    await page.getByLabel(/^Account/).selectOption({ label: 'Sign out' })
    await page.getByText('You are signed out.').waitFor()
    const reply = await fetch(`${here.server.url}/v1/jobs`, {
      headers: { cookie: `${cookie!.name}=${cookie!.value}` },
    })
    assert.equal(reply.status, 401)
    assert.deepEqual(await page.context().cookies(), [])
  })
})
