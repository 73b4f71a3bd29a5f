// Projects, scripts, and what is taken away as a file: Chromium against a real server. Dialogs and the log viewer under axe.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { violations } from './browser.ts'
import { withPage } from './with-page.ts'

withPage('projects, scripts, exports and dialogs', (here) => {
  test('a project is made, changed, found by its jobs, and deleted when it is empty', async () => {
    await using window = await here.signedIn()
    const { page } = window
    await page.goto(`${here.server.url}/projects`)
    await page.getByRole('button', { name: 'New project' }).click()
    await page.getByLabel('Name', { exact: true }).fill('not/a name')
    await page.getByRole('button', { name: 'Make it' }).click()
    await page.getByRole('alert').filter({ hasText: '/name' }).waitFor()
    await page.getByLabel('Name', { exact: true }).fill('billing')
    await page.getByLabel('Description').fill('Who owes what')
    await page.getByLabel('Keep ended runs, in days').fill('7')
    await page.getByRole('button', { name: 'Make it' }).click()
    const row = page.getByRole('row').filter({ hasText: 'billing' })
    await row.filter({ hasText: '7 days' }).filter({ hasText: 'Who owes what' }).waitFor()
    await row.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Keep ended runs, in days').fill('')
    await page.getByLabel('And the last so many of each status').fill('20')
    await page.getByRole('button', { name: 'Save it' }).click()
    await row.filter({ hasText: 'and the last 20 of each status' }).waitFor()
    assert.deepEqual((await here.server.client.projects.get('billing')).keep, { last: 20 })

    await here.job('elsewhere')
    const { id } = await here.job('charge', '/', { project: 'billing' })
    const run = await here.server.client.jobs.trigger(id)
    await here.server.client.runs.wait(run.id, { timeoutMs: 20_000 })
    await page.getByRole('link', { name: 'billing' }).click()
    await page.locator('tr[data-row]').filter({ hasText: 'charge' }).waitFor()
    assert.equal(await page.locator('tr[data-row]').count(), 1)
    await page.getByRole('button', { name: 'Show those of every project' }).click()
    await page.locator('tr[data-row]').filter({ hasText: 'elsewhere' }).waitFor()
    await page.goto(`${here.server.url}/jobs/${id}/ledger`)
    await page.getByRole('link', { name: 'As runs' }).click()
    await page.getByText('job: charge').waitFor()
    await page.locator('tr[data-row]').filter({ hasText: 'charge' }).waitFor()

    await page.goto(`${here.server.url}/projects`)
    await row.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete it' }).click()
    await page.getByRole('dialog').getByRole('alert').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'New project' }).click()
    await page.getByLabel('Name', { exact: true }).fill('empty')
    await page.getByRole('button', { name: 'Make it' }).click()
    const empty = page.getByRole('row').filter({ hasText: 'empty' })
    await empty.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete it' }).click()
    await empty.waitFor({ state: 'detached' })
    await here.server.client.jobs.delete(id)
    await here.server.client.jobs.delete('elsewhere')
  })

  test('a script is uploaded, read as text, fetched, made a job of, and deleted', async () => {
    await using window = await here.signedIn()
    const { page } = window
    const content = '#!/bin/sh\necho "<script>window.hacked=1</script>"\n'
    await page.goto(`${here.server.url}/scripts`)
    await page.getByText('No script yet.').waitFor()
    await page.getByRole('button', { name: 'Upload a script' }).click()
    await page.getByRole('button', { name: 'Upload it' }).click()
    await page.getByRole('alert').filter({ hasText: 'Choose a file' }).waitFor()
    await page
      .getByLabel('File')
      .setInputFiles({ name: '<b>say.sh', mimeType: 'text/x-sh', buffer: Buffer.from(content) })
    await page.getByLabel('Meant for').fill('sh')
    await page.getByRole('button', { name: 'Upload it' }).click()
    const row = page.locator('tr[data-row]').filter({ hasText: '<b>say.sh' })
    await row.getByRole('button', { name: 'Read' }).click()
    await page.getByRole('dialog').getByText('window.hacked=1').waitFor()
    assert.equal(await page.evaluate('window.hacked'), undefined)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).click(),
    ])
    assert.equal(readFileSync(await download.path(), 'utf8'), content)
    await page.keyboard.press('Escape')

    await row.getByRole('link', { name: 'Job of it' }).click()
    await page.getByRole('heading', { name: 'New job' }).waitFor()
    await page.getByLabel('Name', { exact: true }).fill('scripted')
    await page.getByRole('button', { name: 'Create the job' }).click()
    await page.getByRole('heading', { name: 'scripted' }).waitFor()
    const { target: made } = await here.server.client.jobs.get('scripted')
    assert.equal('script' in made && made.script?.interpreter, 'sh')
    await page.goto(`${here.server.url}/scripts`)
    await row.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete it' }).click()
    await page.getByRole('dialog').getByRole('alert').waitFor()
    await here.server.client.jobs.delete('scripted')
    await page.getByRole('button', { name: 'Delete it' }).click()
    await page.getByText('No script yet.').waitFor()
  })

  test('what a table shows is taken away as CSV and as JSON, in the time that is chosen', async () => {
    const schedule = { cron: '0 12 1 1 *', timezone: 'Asia/Tokyo' }
    await here.job('=1+1', '/', { schedule, description: 'a, "b"' })
    const { id } = await here.job('exported')
    await here.server.client.secrets.set('exported_secret', 'never in a file')
    const run = await here.server.client.jobs.trigger(id)
    await here.server.client.runs.wait(run.id, { timeoutMs: 20_000 })
    await using window = await here.signedIn()
    const { page } = window
    const taken = async (path: string, format: string, ready: string): Promise<string> => {
      await page.goto(here.server.url + path)
      await page.locator('tr[data-row]').filter({ hasText: ready }).first().waitFor()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page
          .getByLabel(/^Export the \d+ rows/)
          .first()
          .selectOption(format),
      ])
      const name = new RegExp(`^[\\w-]+-\\d{4}-\\d\\d-\\d\\dT\\d{6}Z\\.${format}$`)
      assert.match(download.suggestedFilename(), name)
      return readFileSync(await download.path(), 'utf8')
    }
    await page.getByLabel('Show times in').selectOption('job')
    const csv = await taken('/jobs?q=1%2B1', 'csv', '=1+1')
    assert.match(csv, /^id,name,description,.*\r\n/)
    assert.match(csv, /,'=1\+1,"a, ""b""",active,0 12 1 1 \*,,,Asia\/Tokyo,\d{4}-01-01T12:00:00\.000\+09:00,/)
    await page.getByLabel('Show times in').selectOption('relative')
    const [row] = JSON.parse(await taken('/jobs?q=1%2B1', 'json', '=1+1')) as Record<string, string>[]
    assert.deepEqual([row?.name, /T03:00:00\.000Z$/.test(row?.nextDueAt ?? '')], ['=1+1', true])
    await page.goto(`${here.server.url}/runs/${run.id}`)
    const [attempt] = (await here.server.client.runs.get(run.id)).attempts
    await page.getByText(`${attempt?.timing?.firstByteMs} ms after the request left`).waitFor()
    assert.equal(await page.locator('.attempt-line .milestone').count(), 2)
    const runs = JSON.parse(await taken('/runs', 'json', 'exported')) as Record<string, unknown>[]
    assert.ok(runs.some((one) => one.id === run.id && one.job === 'exported' && one.status === 'succeeded'))
    for (const [path, ready] of [
      ['/projects', 'default'],
      ['/keys', 'admin'],
      ['/audit', 'job.create'],
      ['/secrets', 'exported_secret'],
      ['/agents', 'live'],
      [`/jobs/${id}/ledger`, 'succeeded'],
    ] as const) {
      assert.ok((await taken(path, 'csv', ready)).split('\r\n').length >= 3, path)
    }
    await here.server.client.jobs.delete('=1+1')
    await here.server.client.jobs.delete(id)
  })

  test('every dialog and the log viewer are for everybody: axe finds nothing in both themes', async () => {
    const { id } = await here.job('asked', '/', {
      schedule: { every: '1h' },
      callback: { url: `${here.target.url}/fails`, on: ['succeeded'], retryDelays: [] },
    })
    const called = await here.server.client.jobs.trigger(id)
    await here.server.client.runs.wait(called.id, { timeoutMs: 20_000 })
    await here.server.client.jobs.patch(id, { description: 'another version' })
    await here.server.client.scripts.upload(new TextEncoder().encode('echo hi\n'), { name: 'hi.sh' })
    await here.server.client.projects.create({ name: 'spare' })
    const colours = Array.from({ length: 16 }, (_, n) => `\\033[${n < 8 ? 30 + n : 82 + n}mink ${n}`)
    const looks = ['\\033[1mbold', '\\033[2mdim', '\\033[7minverse', '\\033[41mground', '\\033[3;4mboth']
    const shell = [...colours, ...looks].map((text) => `printf '${text}\\033[0m\\n'`).join('; ')
    const wordy = await here.job('wordy', '/', { target: { command: { shell: `${shell}; echo wrong >&2` } } })
    const logged = await here.server.client.jobs.trigger(wordy.id)
    await here.server.client.runs.wait(logged.id, { timeoutMs: 20_000 })

    await using window = await here.signedIn()
    const { page } = window
    const found: string[] = []
    const look = async (what: string, part: string): Promise<void> => {
      await page.locator(part).first().waitFor()
      await page.locator(`${part} .loading`).first().waitFor({ state: 'detached' })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        found.push(...(await violations(page, part)).map((one) => `${colorScheme} ${what}: ${one}`))
      }
      await page.setViewportSize({ width: 360, height: 740 })
      const beyond = await page.evaluate(
        `Math.round(document.querySelector(${JSON.stringify(part)}).getBoundingClientRect().right - innerWidth)`,
      )
      if (Number(beyond) > 0) found.push(`${what}: ${beyond} px beyond the edge of a phone`)
      await page.setViewportSize({ width: 1_280, height: 800 })
    }
    const dialog = async (path: string, open: (page: Page) => Promise<unknown>): Promise<void> => {
      await page.goto(here.server.url + path)
      await page.locator('main .panel').first().waitFor()
      await open(page)
      const title = (await page.locator('dialog').getAttribute('aria-label')) ?? 'no name'
      await look(`${path} ${title}`, 'dialog[open]')
      await page.keyboard.press('Escape')
      await page.locator('dialog[open]').waitFor({ state: 'detached' })
    }
    const press =
      (name: string | RegExp, row?: string) =>
      (where: Page): Promise<void> =>
        (row === undefined ? where.locator('main') : where.locator('tr[data-row]').filter({ hasText: row }))
          .getByRole('button', { name })
          .first()
          .click()
    for (const name of ['Why?', 'Run now', 'Pause', 'Delete']) await dialog(`/jobs/${id}`, press(name))
    await dialog(`/jobs/${id}/versions`, press('Restore'))
    await dialog(`/jobs/${id}/ledger`, press(/^Why, at/))
    await dialog('/jobs?q=asked', async (where) => {
      await where.getByLabel('Select asked').check()
      await where.getByRole('button', { name: 'Pause', exact: true }).click()
    })
    await dialog('/callbacks', press('Tries'))
    for (const name of ['New secret', 'Revoke', 'New key']) await dialog('/keys', press(name))
    await here.server.client.secrets.set('a_secret', 'nobody reads it')
    for (const name of ['New secret', 'New value', 'Delete', 'Seal them anew'])
      await dialog('/secrets', press(name))
    await dialog('/agents', press('Add an agent'))
    await dialog('/projects', press('New project'))
    for (const name of ['Edit', 'Delete']) await dialog('/projects', press(name, 'spare'))
    await dialog('/scripts', press('Upload a script'))
    for (const name of ['Read', 'Delete']) await dialog('/scripts', press(name, 'hi.sh'))
    await dialog('/', (where) => where.keyboard.press('?'))
    await dialog('/', (where) => where.keyboard.press('Control+k'))

    await page.goto(`${here.server.url}/runs/${logged.id}#L3`)
    await page.locator('.log-line').filter({ hasText: 'wrong' }).waitFor()
    await page.getByLabel('Search the log').fill('ink 1')
    await page.getByLabel('Search the log').press('Enter')
    await page.locator('.log-line[data-hit]').first().waitFor()
    await look('the log viewer', '.log')
    assert.deepEqual(found, [])
    for (const one of [id, wordy.id]) await here.server.client.jobs.delete(one)
  })
})
