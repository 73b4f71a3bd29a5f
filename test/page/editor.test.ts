// Jobs as they are written: in the form, as text, from a crontab.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../support/until.ts'
import { withPage } from './with-page.ts'

withPage('writing jobs', (here) => {
  test('a job is written in the form, rings live, and says why', async () => {
    await using window = await here.signedIn()
    const { page } = window
    await page.goto(`${here.server.url}/jobs/new`)
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
    await page.getByLabel('URL', { exact: true }).fill(`${here.target.url}/`)
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
    await here.server.client.jobs.delete('rewritten')
  })

  test('typing asks the server once it pauses, and an answer that comes late counts for nothing', async () => {
    await using window = await here.signedIn()
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
    await page.clock.install()
    await page.goto(`${here.server.url}/jobs/new`)
    const url = page.getByLabel('URL', { exact: true })
    const name = page.getByLabel('Name', { exact: true })
    await url.waitFor()
    // From here on its time passes by our hand: however slowly this machine types, nobody pauses.
    await page.clock.pauseAt(Date.now() + 5_000)
    await url.fill(here.target.url)
    const pass = (what: string, isSo: () => Promise<boolean>): Promise<true> =>
      until(what, 20_000, async () => {
        await page.clock.runFor(100)
        return (await isSo()) || undefined
      })
    const type = async (text: string): Promise<void> => {
      for (const character of text) {
        await name.pressSequentially(character)
        await page.clock.runFor(100)
      }
    }
    const accepted = page.getByText('The server would accept it.')
    await type('a/b')
    assert.equal(asked, 0)
    await pass('it is asked', async () => asked === 1)
    await name.fill('typed-slowly-enough')
    await pass('it is accepted', async () => (await accepted.count()) === 1)
    assert.equal(asked, 2)
    first()
    await type('-and-a-long-tail-of-words')
    assert.equal(asked, 2)
    await pass('what was typed is asked', async () => asked === 3)
    await pass('it is accepted', async () => (await accepted.count()) === 1)
    assert.equal(await page.locator('.field .wrong').count(), 0)
    assert.equal(asked, 3)
  })

  test('an edit makes a version, the version before is restored', async () => {
    const { id } = await here.job('edited', '/', { description: 'as it was' })
    await using window = await here.signedIn()
    const { page } = window
    await page.goto(`${here.server.url}/jobs/${id}/edit`)
    await page.getByLabel('Description').fill('as it is now')
    await page.getByRole('button', { name: 'Save as a new version' }).click()
    await page.getByText('Version 2 of edited is in force.').waitFor()
    await page.goto(`${here.server.url}/jobs/${id}/versions`)
    await page.locator('.diff [data-kind="added"]').filter({ hasText: 'as it is now' }).first().waitFor()
    await page.getByRole('button', { name: 'Restore' }).click()
    await page.getByRole('button', { name: 'Restore it as a new version' }).click()
    await until(
      'it is as it was',
      5_000,
      async () => (await here.server.client.jobs.get(id)).description === 'as it was',
    )
    await here.server.client.jobs.delete(id)
  })

  test('a crontab is looked at line by line, then made', async () => {
    await using window = await here.signedIn()
    const { page } = window
    await page.goto(`${here.server.url}/import`)
    const lines = [
      '# Pings',
      `*/5 * * * * curl -fsS ${here.target.url}/`,
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
    const { items } = await here.server.client.jobs.list({ labels: { import: 'crontab' } })
    assert.deepEqual(items.map(({ target: what }) => Object.keys(what)[0]).toSorted(), ['command', 'http'])
    for await (const _ of here.server.client.jobs.bulk({
      action: 'delete',
      filter: { labels: { import: 'crontab' } },
    }));
  })
})
