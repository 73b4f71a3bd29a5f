// Every view under axe, in both themes, and on a phone.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { violations } from './browser.ts'
import { withPage } from './with-page.ts'

withPage('for everybody', (here) => {
  test('every view is for everybody: axe finds nothing in both themes, and nothing is wider than a phone', async () => {
    const { id } = await here.job('seen', '/', {
      schedule: { every: '1h' },
      callback: { url: `${here.target.url}/fails`, on: ['succeeded'], retryDelays: [] },
    })
    const run = await here.server.client.jobs.trigger(id)
    await here.server.client.runs.wait(run.id, { timeoutMs: 20_000 })
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
    await using window = await here.signedIn()
    const { page } = window
    for (const path of paths) {
      await page.setViewportSize({ width: 1_280, height: 800 })
      await page.goto(here.server.url + path)
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
    await here.server.client.jobs.delete(id)
  })
})
