// The page as a person uses it: Chromium against a real server with real jobs.

import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { pageFolder } from '../../src/doors/web/page-files.ts'
import { createClient } from '../../src/sdk/index.ts'
import { Folder } from '../support/folder.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { buildPage, findChromium, openBrowser, violations, Window } from './browser.ts'
import { hostileTexts } from './hostile-texts.ts'
import { openTarget, type Target } from './target.ts'

const executable = findChromium()
const folder = new Folder()

const FIRST_LOAD_GZIPPED_MAX = 120 * 1_024

describe('the page', { skip: executable === null ? 'there is no Chromium here' : false }, () => {
  let server: ServerProcess
  let browser: Browser
  let target: Target
  before(async () => {
    buildPage()
    target = await openTarget()
    server = await ServerProcess.start({ dataDir: folder.file('page'), args: ['--agent-slots', '2'] })
    browser = await openBrowser(executable!)
  })
  after(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
    await target?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const job = (name: string, path = '/', more: object = {}) =>
    server.client.jobs.create({ name, schedule: {}, target: { http: { url: target.url + path } }, ...more })

  test('a link signs in once, and is gone from the address', async () => {
    const { url } = await server.client.visit.ticket()
    await using window = await Window.open(browser)
    await window.page.goto(url)
    await window.page.getByRole('heading', { name: 'Nothing rings yet.' }).waitFor()
    assert.equal(window.page.url(), `${server.url}/`)
    const [cookie] = await window.page.context().cookies()
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, 'Strict'])
    await using other = await Window.open(browser)
    await other.page.goto(url)
    await other.page.getByText('This link has been used or has expired').waitFor()
  })

  test('an empty server offers a job that works with one click', async () => {
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    await window.page.getByRole('button', { name: 'Make this job' }).first().click()
    await window.page.getByRole('heading', { name: 'hello' }).waitFor()
    await window.page.locator('.strip a[data-tone="ok"]').first().waitFor()
    await server.client.jobs.delete('hello')
  })

  test('a job is written in the form, rings live, and says why', async () => {
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(`${server.url}/jobs/new`)
    await page.getByLabel('Name', { exact: true }).fill('written')
    await page.getByRole('button', { name: 'cron', exact: true }).click()
    await page.getByLabel('Cron expression').fill('0 0 30 2 *')
    await page.getByRole('alert').filter({ hasText: '/schedule/cron' }).waitFor()
    await page.getByLabel('Cron expression').fill('30 2 * * *')
    await page.getByLabel('Time zone').fill('Europe/Berlin')
    await page.getByText(/02:30.*\(Europe\/Berlin\)/).waitFor()
    await page.locator('.notice[data-tone="warn"]').filter({ hasText: /02:30/ }).first().waitFor()
    await page.getByRole('button', { name: 'every', exact: true }).click()
    await page.getByLabel('Every', { exact: true }).fill('1s')
    // What is wrong is told while one types, at its field, and goes with it.
    await page.getByLabel('URL', { exact: true }).fill('ftp://nowhere')
    const wrong = page.locator('.field .wrong')
    await wrong.filter({ hasText: 'http' }).waitFor()
    assert.equal(await wrong.count(), 1)
    await page.getByRole('status').filter({ hasText: 'To be mended: /target/http/url' }).waitFor()
    assert.equal(await page.getByLabel('URL', { exact: true }).getAttribute('aria-invalid'), 'true')
    await page.getByRole('button', { name: 'Create the job' }).click()
    await page.getByRole('alert').filter({ hasText: 'Not saved' }).waitFor()
    await page.getByLabel('URL', { exact: true }).fill(`${target.url}/`)
    await wrong.waitFor({ state: 'detached' })
    await page.getByLabel('Timeout of one attempt').fill('soon')
    await wrong.filter({ hasText: 'duration' }).waitFor()
    await page.getByLabel('Timeout of one attempt').fill('20s')
    await page.getByText('The server would accept it.').waitFor()
    // The same document as text and back.
    await page.getByRole('button', { name: 'YAML' }).click()
    await until('the document is shown', 5_000, async () =>
      /name: written/.test(await page.getByLabel('Document').inputValue()),
    )
    await page
      .getByLabel('Document')
      .fill((await page.getByLabel('Document').inputValue()).replace('name: written', 'name: rewritten'))
    const whole = await page.getByLabel('Document').inputValue()
    const lineOf = (words: string): number => whole.split('\n').findIndex((line) => line.includes(words)) + 1
    await page.getByLabel('Document').fill(whole.replace('every: 1s', 'every: 1x'))
    const atLine = wrong.getByRole('listitem')
    await atLine.filter({ hasText: `line ${lineOf('every:')} /schedule/every` }).waitFor()
    await page
      .locator('.document mark')
      .getByText(String(lineOf('every:')), { exact: true })
      .waitFor()
    await page.getByLabel('Document').fill(whole.replace('timeout: 20s', 'timout: 20s'))
    await atLine.filter({ hasText: `line ${lineOf('timeout:')} /policy/timout` }).waitFor()
    await page.getByRole('button', { name: `line ${lineOf('timeout:')}` }).click()
    const selected = `(() => { const { value, selectionStart, selectionEnd } = document.activeElement
      return value.slice(selectionStart, selectionEnd) })()`
    assert.equal(await page.evaluate(selected), '  timout: 20s')
    await page.getByLabel('Document').fill(`${whole}\n  }`)
    await atLine.filter({ hasText: /line \d+ / }).waitFor()
    await page.getByLabel('Document').fill(whole)
    await page.getByText('The server would accept it.').waitFor()
    await page.getByRole('button', { name: 'Form' }).click()
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'rewritten')
    await page.getByRole('button', { name: 'Create the job' }).click()
    await page.getByRole('heading', { name: 'rewritten' }).waitFor()
    // Nothing is loaded again: it comes by itself.
    const rung = page.locator('.strip a[data-tone="ok"]')
    await rung.nth(2).waitFor()
    await page.getByRole('button', { name: 'Why?' }).first().click()
    await page
      .locator('.why-answer')
      .filter({ hasText: /It ran and succeeded|It is running|to come/ })
      .waitFor()
    await page.keyboard.press('Escape')
    await page
      .getByRole('button', { name: /^Why, at/ })
      .last()
      .click()
    await page.locator('.why-answer').waitFor()
    await page.keyboard.press('Escape')
    await server.client.jobs.delete('rewritten')
  })

  test('typing asks the server once it pauses, and an answer that comes late counts for nothing', async () => {
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    let asked = 0
    let first = (): void => {}
    const held = new Promise<void>((resolve) => {
      first = resolve
    })
    await page.route('**/v1/jobs/check', async (route) => {
      asked += 1
      if (asked > 1) return route.continue()
      // By then another name stands there.
      await held
      await route.continue().catch(() => {})
    })
    await page.goto(`${server.url}/jobs/new`)
    await page.getByLabel('URL', { exact: true }).fill(target.url)
    await page.getByLabel('Name', { exact: true }).pressSequentially('a/b', { delay: 5 })
    await until('it is asked', 5_000, async () => asked === 1)
    await page.getByLabel('Name', { exact: true }).fill('typed-slowly-enough')
    await page.getByText('The server would accept it.').waitFor()
    first()
    await page
      .getByLabel('Name', { exact: true })
      .pressSequentially('-and-a-long-tail-of-words', { delay: 5 })
    await page.getByText('The server would accept it.').waitFor()
    assert.equal(await page.locator('.field .wrong').count(), 0)
    assert.ok(asked <= 4, `asked ${asked} times`)
  })

  test('an edit makes a version, the version before is restored', async () => {
    const { id } = await job('edited', '/', { description: 'as it was' })
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(`${server.url}/jobs/${id}/edit`)
    await page.getByLabel('Description').fill('as it is now')
    await page.getByRole('button', { name: 'Save as a new version' }).click()
    await page.getByText('Version 2 of edited is in force.').waitFor()
    await page.goto(`${server.url}/jobs/${id}/versions`)
    await page.locator('.diff [data-kind="added"]').filter({ hasText: 'as it is now' }).first().waitFor()
    await page.getByRole('button', { name: 'Restore' }).click()
    await page.getByRole('button', { name: 'Restore it as a new version' }).click()
    await until(
      'it is as it was',
      5_000,
      async () => (await server.client.jobs.get(id)).description === 'as it was',
    )
    await server.client.jobs.delete(id)
  })

  test('a run under way is cancelled and the page sees it end', async () => {
    const { id } = await job('hangs', '/hangs')
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(`${server.url}/jobs/${id}`)
    await page.getByRole('button', { name: 'Run now' }).click()
    await page.getByLabel('Parameters').fill('{"day": 1}')
    await page.getByRole('button', { name: 'Run it' }).click()
    await page.locator('.status.big').filter({ hasText: 'running' }).waitFor()
    await page.getByText('"day": 1').first().waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.locator('.status.big').filter({ hasText: 'cancelled' }).waitFor()
    await page.getByText('1. cancelled').waitFor()
    await server.client.jobs.delete(id)
  })

  test('a pause has an end and a note, and is ended', async () => {
    const { id } = await job('paused', '/', { schedule: { every: '1h' } })
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(`${server.url}/jobs/${id}`)
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByLabel('How long').selectOption({ label: 'for an hour' })
    await page.getByLabel('Note').fill('Migration')
    await page.getByRole('button', { name: 'Pause it' }).click()
    await page.getByText('“Migration”').waitFor()
    const { pause } = await server.client.jobs.get(id)
    assert.ok(Math.abs(Date.parse(pause!.until!) - Date.now() - 3_600_000) < 60_000)
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.locator('.status.big').filter({ hasText: 'active' }).waitFor()
    await server.client.jobs.delete(id)
  })

  test('a thousand jobs are paused together, with progress and what was refused', async () => {
    const many = Array.from({ length: 1_000 }, (_, n) => ({
      name: `bulk-${String(n).padStart(4, '0')}`,
      schedule: { every: '1h' },
      target: { http: { url: target.url } },
    }))
    await server.client.jobs.createMany({ jobs: many })
    // One that has finished cannot be paused.
    await server.client.jobs.create({
      ...many[0]!,
      name: 'bulk-over',
      schedule: { at: new Date(Date.now() + 500).toISOString() },
    })
    await until(
      'it has finished',
      10_000,
      async () => (await server.client.jobs.get('bulk-over')).status === 'finished',
    )
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(`${server.url}/jobs?q=bulk-`)
    await page.getByLabel('Select all of this page').check()
    await page.getByRole('button', { name: /Select all 1.001 that the filter finds/ }).click()
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await page.getByLabel('Note').fill('All of them')
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()
    await page.getByText(/1.000 of 1.001 done, 1 refused/).waitFor({ timeout: 60_000 })
    await page.getByRole('listitem').filter({ hasText: 'bulk-over' }).waitFor()
    const [results] = await Promise.all([
      page.waitForEvent('download'),
      page
        .getByRole('dialog')
        .getByLabel(/^Export the 1001 rows/)
        .selectOption('json'),
    ])
    const each = JSON.parse(readFileSync(await results.path(), 'utf8')) as { name: string; ok: boolean }[]
    assert.equal(each.filter(({ ok }) => ok).length, 1_000)
    assert.equal(each.find(({ ok }) => !ok)?.name, 'bulk-over')
    assert.equal((await server.client.jobs.get('bulk-0999')).pause?.note, 'All of them')
    for await (const _ of server.client.jobs.bulk({ action: 'delete', filter: { q: 'bulk-' } }));
  })

  test('one switch says in whose time everything is', async () => {
    await job('zoned', '/', { schedule: { cron: '0 12 1 1 *', timezone: 'Asia/Tokyo' } })
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(`${server.url}/jobs?q=zoned`)
    const next = page.locator('tr[data-row] time').first()
    const shown = async (mode: string, expected: RegExp): Promise<void> => {
      await page.getByLabel('Show times in').selectOption(mode)
      await until(`${mode} shows ${expected}`, 5_000, async () => expected.test(await next.innerText()))
    }
    await shown('job', /12:00:00 UTC\+9/)
    await shown('local', /04:00:00/)
    await shown('utc', /03:00:00/)
    await shown('relative', /^in \d+ d/)
    assert.match((await next.getAttribute('title')) ?? '', /Asia\/Tokyo.*Europe\/Berlin.*UTC/s)
    await page.reload()
    await until('the choice is remembered', 5_000, async () => /^in /.test(await next.innerText()))
    await server.client.jobs.delete('zoned')
  })

  test('the keyboard leads everywhere', async () => {
    await job('keyed')
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('g')
    await page.keyboard.press('j')
    await page.getByRole('heading', { name: 'Jobs' }).waitFor()
    await page.locator('tr[data-row]').first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('keyed')
    await page.waitForURL(/q=keyed/)
    await page.keyboard.press('Escape')
    await page.locator('h1').click()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'keyed' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find or do' }).fill('callb')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Callbacks' }).waitFor()
    await server.client.jobs.delete('keyed')
  })

  test('an hour of the week ahead leads to its jobs, by mouse and by keyboard', async () => {
    const at = new Date(Date.now() + 3 * 3_600_000).toISOString()
    await job('in-three-hours', '/', { schedule: { at } })
    await job('in-a-year', '/', { schedule: { at: new Date(Date.now() + 365 * 86_400_000).toISOString() } })
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(server.url)
    const hours = page.locator('table.week a.cell')
    await hours.first().waitFor()
    assert.equal(await page.locator('table.week a[tabindex="0"]').count(), 1)
    await page.locator('table.week a[tabindex="0"]').focus()
    const focused = (): Promise<unknown> => page.evaluate('document.activeElement.getAttribute("aria-label")')
    const first = await focused()
    await page.keyboard.press('End')
    if ((await hours.count()) > 1) assert.notEqual(await focused(), first)
    await page.keyboard.press('Home')
    assert.equal(await focused(), first)
    const cell = page.locator(`table.week a[href*="dueFrom"]`)
    const [href] = await cell.evaluateAll(
      (cells, due) =>
        cells
          .map((one) => (one as unknown as { href: string }).href)
          .filter((one) => {
            const { searchParams } = new URL(one)
            return searchParams.get('dueFrom')! <= due && due < searchParams.get('dueTo')!
          }),
      at,
    )
    await page.goto(href!)
    await page.getByRole('link', { name: 'in-three-hours' }).waitFor()
    assert.equal(await page.getByRole('link', { name: 'in-a-year' }).count(), 0)
    // What is done there is done to those that are due then, and says so.
    await page.getByLabel('Select all of this page').check()
    await page.getByRole('button', { name: 'Select all that the filter finds' }).click()
    await page.getByText('All 1 selected').waitFor()
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/due from .* up to/).waitFor()
    await dialog.getByRole('button', { name: 'Pause' }).click()
    await dialog.getByText('1 of 1 done.').waitFor()
    const pauses = ['in-three-hours', 'in-a-year'].map(
      async (name) => (await server.client.jobs.get(name)).status,
    )
    assert.deepEqual(await Promise.all(pauses), ['paused', 'active'])
    for (const name of ['in-three-hours', 'in-a-year']) await server.client.jobs.delete(name)
  })

  test('while the server is away the page says how old it is, then catches up', async () => {
    const first = await ServerProcess.start({ dataDir: folder.file('away') })
    const listen = first.url.replace('http://', '')
    await using window = await Window.open(browser)
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
    await using again = await ServerProcess.start({ dataDir: folder.file('away'), listen })
    await again.client.jobs.create({ name: 'meanwhile', schedule: {}, target: { http: { url: target.url } } })
    await page.locator('.live[data-state="on"]').waitFor({ timeout: 30_000 })
    await page.getByRole('link', { name: 'meanwhile' }).waitFor()
  })

  test('hostile texts stay text wherever they stand', async () => {
    const texts = hostileTexts()
    assert.ok(texts.length >= 100)
    const names = hostileTexts(false)
    const jobs = names.map((name, n) => ({
      name: `${String(n).padStart(3, '0')} ${name}`.slice(0, 200),
      description: texts[n]!,
      labels: { [`l${n}`]: texts[n]!.slice(0, 60).replaceAll('\u0000', '') },
      schedule: {},
      target: {
        http: {
          url: `${target.url}/fails`,
          headers: { 'X-Text': encodeURIComponent(texts[n]!).slice(0, 200) },
          body: texts[n]!,
        },
      },
      policy: { retry: { max: 0 } },
      callback: {
        url: `${target.url}/fails?${encodeURIComponent(texts[n]!).slice(0, 100)}`,
        retryDelays: [],
      },
    }))
    const { items } = await server.client.jobs.createMany({ mode: 'each', jobs })
    const made = items.flatMap(({ job }) => (job === undefined ? [] : [job]))
    assert.ok(made.length >= 100, `${made.length} of ${jobs.length} were accepted`)
    target.saying = `${texts.join('\n')}\u001b[31mred\u001b[0m\u0007\u001b]0;title\u0007${'y'.repeat(10_000)}`
    const runs = []
    for (const one of made.slice(0, 25))
      runs.push(await server.client.jobs.trigger(one.id, { params: one.description }))
    for (const run of runs) await server.client.runs.wait(run.id, { timeoutMs: 20_000 })
    await server.client.jobs.pause(made[0]!.id, { note: texts[0]! }).catch(() => undefined)
    await server.client.projects.create({ name: 'hostile', description: texts.slice(0, 12).join(' ') })
    for (const [n, text] of texts.slice(0, 20).entries()) {
      const name = text.replace(/\p{Cc}/gu, '').slice(0, 100)
      await server.client.scripts.upload(new TextEncoder().encode(`${n}`), { name })
      const key = await server.client.keys.create({
        name: `${n} ${name}`.slice(0, 100),
        scopes: ['jobs:write'],
      })
      // Its name stands in the audit, as who did it.
      if (n < 5)
        await createClient({ url: server.url, apiKey: key.secret }).jobs.pause(made[n]!.id, { note: text })
    }
    const message = {
      exchange: texts[0]!,
      routingKey: texts[1]!,
      headers: { 'x-a': texts[2]! },
      body: texts[3]!,
    }
    const posted = await server.client.jobs.create({
      name: 'hostile message',
      schedule: {},
      target: { message },
    })
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    const seen: string[] = []
    for (const path of [
      '/jobs',
      '/',
      '/runs',
      '/projects',
      '/scripts',
      '/keys',
      '/audit',
      '/callbacks',
      '/agents',
      `/jobs/${posted.id}`,
      `/jobs/${posted.id}/edit`,
      ...made
        .slice(0, 8)
        .flatMap(({ id }) => [
          `/jobs/${id}`,
          `/jobs/${id}/ledger`,
          `/jobs/${id}/versions`,
          `/jobs/${id}/edit`,
        ]),
      ...runs.slice(0, 8).map(({ id }) => `/runs/${id}`),
    ]) {
      await page.goto(server.url + path)
      await page.locator('main h1').first().waitFor()
      await page.locator('main .panel').first().waitFor()
      seen.push(await page.locator('main').innerText())
      assert.equal(await page.evaluate('window.hacked'), undefined, path)
      assert.equal(
        await page
          .locator('main script, main iframe, main object, main embed, main base, main marquee, main math')
          .count(),
        0,
        path,
      )
    }
    assert.ok(seen.join('\n').includes('<img src=x onerror='), 'the texts were shown')
    await page.goto(`${server.url}/jobs/${encodeURIComponent('<img src=x onerror=window.hacked=1>')}`)
    await page.getByText('There is no job').waitFor()
    // What stands in an address is written by anybody, too.
    for (const path of [
      '/runs?from=<b>',
      '/audit?from=<b>&action=no',
      '/jobs?dueFrom=x&dueTo=y&status=z',
      '/secrets?project=<b>',
    ]) {
      await page.goto(server.url + path)
      await page.locator('main h1').first().waitFor()
      await page.locator('main [role="alert"], main .empty').first().waitFor()
    }
    target.saying = 'pong'
  })

  test('every view is for everybody: axe finds nothing in both themes, and nothing is wider than a phone', async () => {
    const { id } = await job('seen', '/', {
      schedule: { every: '1h' },
      callback: { url: `${target.url}/fails`, on: ['succeeded'], retryDelays: [] },
    })
    const run = await server.client.jobs.trigger(id)
    await server.client.runs.wait(run.id, { timeoutMs: 20_000 })
    const found: string[] = []
    const paths = [
      ...[
        '/',
        '/jobs',
        '/jobs/new',
        '/runs',
        `/runs/${run.id}`,
        '/callbacks',
        '/keys',
        '/audit',
        '/secrets',
        '/agents',
        '/scripts',
        '/projects',
        '/import',
        '/settings',
      ],
      ...['', '/ledger', '/versions', '/edit'].map((tab) => `/jobs/${id}${tab}`),
    ]
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    for (const path of paths) {
      await page.setViewportSize({ width: 1_280, height: 800 })
      await page.goto(server.url + path)
      await page.locator('main h1').first().waitFor()
      await page.locator('main .panel').first().waitFor()
      await page.locator('main .loading').first().waitFor({ state: 'detached' })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        found.push(...(await violations(page)).map((one) => `${colorScheme} ${path}: ${one}`))
      }
      await page.setViewportSize({ width: 360, height: 740 })
      const beyond = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      if (Number(beyond) > 0) found.push(`${path}: ${beyond} px beyond the edge of a phone`)
    }
    assert.deepEqual(found, [])
    await server.client.jobs.delete(id)
  })

  test('the first load is small, cached for good, and under a strict policy', async () => {
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(server.url)
    await page.locator('main h1').waitFor()
    const names = (await page.evaluate(
      "performance.getEntriesByType('resource').map((entry) => entry.name)",
    )) as string[]
    const assets = names.filter((name) => name.includes('/assets/')).map((name) => new URL(name).pathname)
    const sizes = ['/index.html', ...assets].map((path) => statSync(join(pageFolder(), `${path}.gz`)).size)
    const total = sizes.reduce((sum, size) => sum + size, 0)
    assert.ok(assets.length >= 2 && total <= FIRST_LOAD_GZIPPED_MAX, `${total} bytes gzipped`)
    const asset = await fetch(server.url + assets[0]!, { headers: { 'accept-encoding': 'gzip, br' } })
    assert.equal(asset.headers.get('cache-control'), 'public, max-age=31536000, immutable')
    assert.equal(asset.headers.get('content-encoding'), 'br')
    const document = await fetch(`${server.url}/jobs/anything`, { headers: { accept: 'text/html' } })
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
      (await fetch(`${server.url}/no-such-page`, { headers: { accept: 'text/html' } })).status,
      404,
    )
    assert.equal((await fetch(`${server.url}/assets/..%2f..%2fpackage.json`)).status, 404)
  })

  test('a crontab is looked at line by line, then made', async () => {
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(`${server.url}/import`)
    const lines = [
      '# Pings',
      `*/5 * * * * curl -fsS ${target.url}/`,
      '0 0 30 2 * never',
      '@reboot start',
      '0 3 * * * tidy',
    ]
    await page.getByLabel('What crontab -l says').fill(lines.join('\n'))
    await page.getByRole('button', { name: 'Show what becomes of it' }).click()
    await page.getByText('@reboot has no time').waitFor()
    await page
      .getByText(/never matches|never rings|never/)
      .first()
      .waitFor()
    await page.getByLabel('Take line 3').uncheck()
    await page.getByRole('button', { name: 'Make 2 jobs' }).click()
    await page.getByText('2 jobs are made.').waitFor()
    const { items } = await server.client.jobs.list({ labels: { import: 'crontab' } })
    assert.deepEqual(items.map(({ target: what }) => Object.keys(what)[0]).toSorted(), ['command', 'http'])
    for await (const _ of server.client.jobs.bulk({
      action: 'delete',
      filter: { labels: { import: 'crontab' } },
    }));
  })

  test('signing out ends it: the cookie opens nothing any more', async () => {
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    const [cookie] = await page.context().cookies()
    await page.getByLabel(/^Account/).selectOption({ label: 'Sign out' })
    await page.getByText('You are signed out.').waitFor()
    const reply = await fetch(`${server.url}/v1/jobs`, {
      headers: { cookie: `${cookie!.name}=${cookie!.value}` },
    })
    assert.equal(reply.status, 401)
    assert.deepEqual(await page.context().cookies(), [])
  })
})
