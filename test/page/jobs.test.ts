// Jobs and runs as one works with them: one, a thousand, by mouse and by keyboard.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { until } from '../support/until.ts'
import { withPage } from './with-page.ts'

withPage('jobs and runs', (here) => {
  test('a run under way is cancelled and the page sees it end', async () => {
    const { id } = await here.job('hangs', '/hangs')
    await using window = await here.signedIn()
    const { page } = window
    await page.goto(`${here.server.url}/jobs/${id}`)
    await page.getByRole('button', { name: 'Run now' }).click()
    await page.getByLabel('Parameters').fill('{"day": 1}')
    await page.getByRole('button', { name: 'Run it' }).click()
    await page.locator('.status.big').filter({ hasText: 'running' }).waitFor()
    await page.getByText('"day": 1').first().waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.locator('.status.big').filter({ hasText: 'cancelled' }).waitFor()
    await page.getByText('1. cancelled').waitFor()
    await here.server.client.jobs.delete(id)
  })

  test('a pause has an end and a note, and is ended', async () => {
    const { id } = await here.job('paused', '/', { schedule: { every: '1h' } })
    await using window = await here.signedIn()
    const { page } = window
    await page.goto(`${here.server.url}/jobs/${id}`)
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByLabel('How long').selectOption({ label: 'for an hour' })
    await page.getByLabel('Note').fill('Migration')
    await page.getByRole('button', { name: 'Pause it' }).click()
    await page.getByText('“Migration”').waitFor()
    const { pause } = await here.server.client.jobs.get(id)
    assert.ok(Math.abs(Date.parse(pause!.until!) - Date.now() - 3_600_000) < 60_000)
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.locator('.status.big').filter({ hasText: 'active' }).waitFor()
    await here.server.client.jobs.delete(id)
  })

  test('a thousand jobs are paused together, with progress and what was refused', async () => {
    const many = Array.from({ length: 1_000 }, (_, n) => ({
      name: `bulk-${String(n).padStart(4, '0')}`,
      schedule: { every: '1h' },
      target: { http: { url: here.target.url } },
    }))
    await here.server.client.jobs.createMany({ jobs: many })
    // One that has finished cannot be paused.
    await here.server.client.jobs.create({
      ...many[0]!,
      name: 'bulk-over',
      schedule: { at: new Date(Date.now() + 500).toISOString() },
    })
    await until(
      'it has finished',
      10_000,
      async () => (await here.server.client.jobs.get('bulk-over')).status === 'finished',
    )
    await using window = await here.signedIn()
    const { page } = window
    await page.goto(`${here.server.url}/jobs?q=bulk-`)
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
    assert.equal((await here.server.client.jobs.get('bulk-0999')).pause?.note, 'All of them')
    for await (const _ of here.server.client.jobs.bulk({ action: 'delete', filter: { q: 'bulk-' } }));
  })

  test('one switch says in whose time everything is', async () => {
    await here.job('zoned', '/', { schedule: { cron: '0 12 1 1 *', timezone: 'Asia/Tokyo' } })
    await using window = await here.signedIn()
    const { page } = window
    await page.goto(`${here.server.url}/jobs?q=zoned`)
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
    await here.server.client.jobs.delete('zoned')
  })

  test('the keyboard leads everywhere', async () => {
    await here.job('keyed')
    await using window = await here.signedIn()
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
    await here.server.client.jobs.delete('keyed')
  })

  test('an hour of the week ahead leads to its jobs, by mouse and by keyboard', async () => {
    const at = new Date(Date.now() + 3 * 3_600_000).toISOString()
    await here.job('in-three-hours', '/', { schedule: { at } })
    await here.job('in-a-year', '/', {
      schedule: { at: new Date(Date.now() + 365 * 86_400_000).toISOString() },
    })
    await using window = await here.signedIn()
    const { page } = window
    await page.goto(here.server.url)
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
      async (name) => (await here.server.client.jobs.get(name)).status,
    )
    assert.deepEqual(await Promise.all(pauses), ['paused', 'active'])
    for (const name of ['in-three-hours', 'in-a-year']) await here.server.client.jobs.delete(name)
  })
})
