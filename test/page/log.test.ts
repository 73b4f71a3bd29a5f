// Logs in the viewer: followed, searched, linked to, however long they are.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { until } from '../support/until.ts'
import { withPage } from './with-page.ts'

const MILLION = 1_000_000
/** A test machine is busy with other tests too; docs/benchmarks.md has what was measured on a quiet one. */
const BUSY_MS_MAX = 400

withPage('logs', (here) => {
  test('a log of a hundred thousand lines is followed, searched and linked to, and stays text', async () => {
    const shell = [
      "printf '\\033[31mred\\033[0m <script>window.hacked=1</script>\\n'",
      'seq 1 100000',
      "head -c 10000000 /dev/zero | tr '\\0' x; echo",
      'echo needle',
      `until [ -e ${here.folder.file('go')} ]; do sleep 0.1; done`,
      'echo came later',
    ].join('; ')
    const made = await here.server.client.jobs.create({
      name: 'wordy',
      schedule: {},
      target: { command: { shell } },
    })
    const run = await here.server.client.jobs.trigger(made.id)
    await using window = await here.signedIn()
    const { page } = window
    await page.goto(`${here.server.url}/runs/${run.id}`)
    const lines = page.locator('.log-line')
    // Following: the newest line is in sight as soon as it is there.
    await lines.filter({ hasText: /needle$/ }).waitFor({ timeout: 60_000 })
    writeFileSync(here.folder.file('go'), '')
    await lines.filter({ hasText: 'came later' }).waitFor()
    await page.locator('.status.big').filter({ hasText: 'succeeded' }).waitFor()
    assert.ok((await lines.count()) < 200, 'only what is in sight is drawn')
    await page.getByLabel('Search the log').fill('77777')
    await page.getByLabel('Search the log').press('Enter')
    await page.getByText('line 77778').waitFor()
    await lines.filter({ hasText: '77777' }).first().waitFor()
    await page.goto(`${here.server.url}/runs/${run.id}#L1`)
    await page.reload()
    await page.locator('.log-line[data-marked] .ansi-ink-1').filter({ hasText: 'red' }).waitFor()
    assert.equal(await page.locator('.log script').count(), 0)
    assert.equal(await page.evaluate('window.hacked'), undefined)
    await page.goto(`${here.server.url}/runs/${run.id}#L100002`)
    await page.reload()
    await page.getByText('it is longer: the download has all of it').first().waitFor()
    const href = await page.getByRole('link', { name: 'Download' }).getAttribute('href')
    const text = await page.evaluate(
      `fetch(${JSON.stringify(href)}).then((reply) => reply.text()).then((text) => text.length)`,
    )
    assert.ok(Number(text) > 10_500_000, String(text))
    await here.server.client.jobs.delete(made.id)
  })

  test('a log of a million lines scrolls to each of them, and the page is never busy for long', async () => {
    const shell = `seq -f 'row %.0f of a log that is long' ${MILLION}; echo the end`
    const made = await here.server.client.jobs.create({
      name: 'long',
      schedule: {},
      target: { command: { shell } },
    })
    const run = await here.server.client.jobs.trigger(made.id)
    await here.server.client.runs.wait(run.id, { timeoutMs: 90_000 })
    await using window = await here.signedIn()
    const { page } = window
    await page.goto(`${here.server.url}/runs/${run.id}#L654321`)
    const rows = page.locator('.log-line')
    const row = (n: number) => rows.filter({ hasText: `row ${n} of` })
    await row(654_321).waitFor()
    await page.locator('.log-line[data-marked]').filter({ hasText: 'row 654321 of' }).waitFor()
    await longTasks(page)
    const box = page.locator('.log-lines')
    await box.scrollIntoViewIfNeeded()
    await box.hover()

    // Notch by notch no row is passed over.
    const first = async (): Promise<number> =>
      Number(
        await page.evaluate(`(() => {
          const box = document.querySelector('.log-lines').getBoundingClientRect()
          const inSight = [...document.querySelectorAll('.log-line')]
            .filter((line) => line.getBoundingClientRect().top >= box.top - 1)
          return Math.min(...inSight.map((line) => Number(line.querySelector('a').textContent)))
        })()`),
      )
    const start = await first()
    for (let n = 1; n <= 30; n += 1) {
      await page.mouse.wheel(0, 200)
      await until('the notch is scrolled', 5_000, async () => (await first()) >= start + 10 * n)
    }
    assert.equal(await first(), start + 300)
    await row(start + 301).waitFor()

    // The bar goes through all of it, and ends where the log ends.
    const drag = (share: number): Promise<unknown> =>
      page.evaluate(`(() => {
        const box = document.querySelector('.log-lines')
        box.scrollTop = (box.scrollHeight - box.clientHeight) * ${share}
      })()`)
    for (const share of [0.1, 0.9, 0.3, 0.5]) await drag(share)
    await until('the middle is shown', 10_000, async () => Math.abs((await first()) - MILLION / 2) < 100)
    await row(await first()).waitFor()
    await drag(1)
    await rows.filter({ hasText: 'the end' }).waitFor()
    await row(MILLION).waitFor()
    for (const _ of [1, 2, 3]) {
      await box.press('Home')
      await row(1).first().waitFor()
      assert.equal(await first(), 1)
      await box.press('End')
      await rows.filter({ hasText: 'the end' }).waitFor()
    }
    await box.press('Home')
    await row(1).first().waitFor()

    // All of it is looked through; what is looked for can be given up.
    const search = page.getByLabel('Search the log')
    await search.fill('row 999999 of')
    await search.press('Enter')
    await page.getByText(/looked through .* lines/).waitFor()
    await page.getByRole('button', { name: 'Stop looking' }).click()
    await page.getByText(/looked through .* lines/).waitFor({ state: 'detached' })
    await search.press('Enter')
    await page.getByText('line 999999').waitFor({ timeout: 60_000 })
    await page.locator('.log-line[data-marked]').filter({ hasText: 'row 999999 of' }).waitFor()
    await search.fill('the end')
    await search.press('Enter')
    await page.getByText(`line ${MILLION + 1}`).waitFor({ timeout: 60_000 })
    assert.ok((await rows.count()) < 200, 'only what is in sight is drawn')
    const longest = await page.evaluate('Math.max(0, ...window.tasks)')
    assert.ok(Number(longest) <= BUSY_MS_MAX, `busy for ${longest} ms`)
    await here.server.client.jobs.delete(made.id)
  })
})

async function longTasks(page: Page): Promise<void> {
  await page.evaluate(`window.tasks = []
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.tasks.push(duration)
    }).observe({ type: 'longtask' })`)
}
