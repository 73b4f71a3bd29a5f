// What anybody may write stays text, wherever the page shows it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from '../../src/sdk/index.ts'
import { hostileTexts } from './hostile-texts.ts'
import { withPage } from './with-page.ts'

withPage('hostile texts', (here) => {
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
          url: `${here.target.url}/fails`,
          headers: { 'X-Text': encodeURIComponent(texts[n]!).slice(0, 200) },
          body: texts[n]!,
        },
      },
      policy: { retry: { max: 0 } },
      callback: {
        url: `${here.target.url}/fails?${encodeURIComponent(texts[n]!).slice(0, 100)}`,
        retryDelays: [],
      },
    }))
    const { items } = await here.server.client.jobs.createMany({ mode: 'each', jobs })
    const made = items.flatMap(({ job }) => (job === undefined ? [] : [job]))
    assert.ok(made.length >= 100, `${made.length} of ${jobs.length} were accepted`)
    here.target.saying = `${texts.join('\n')}\u001b[31mred\u001b[0m\u0007\u001b]0;title\u0007${'y'.repeat(10_000)}`
    const runs = []
    for (const one of made.slice(0, 25))
      runs.push(await here.server.client.jobs.trigger(one.id, { params: one.description }))
    for (const run of runs) await here.server.client.runs.wait(run.id, { timeoutMs: 20_000 })
    await here.server.client.jobs.pause(made[0]!.id, { note: texts[0]! }).catch(() => undefined)
    await here.server.client.projects.create({ name: 'hostile', description: texts.slice(0, 12).join(' ') })
    for (const [n, text] of texts.slice(0, 20).entries()) {
      const name = text.replace(/\p{Cc}/gu, '').slice(0, 100)
      await here.server.client.scripts.upload(new TextEncoder().encode(`${n}`), { name })
      const key = await here.server.client.keys.create({
        name: `${n} ${name}`.slice(0, 100),
        scopes: ['jobs:write'],
      })
      // Its name stands in the audit, as who did it.
      if (n < 5)
        await createClient({ url: here.server.url, apiKey: key.secret }).jobs.pause(made[n]!.id, {
          note: text,
        })
    }
    const message = {
      exchange: texts[0]!,
      routingKey: texts[1]!,
      headers: { 'x-a': texts[2]! },
      body: texts[3]!,
    }
    const posted = await here.server.client.jobs.create({
      name: 'hostile message',
      schedule: {},
      target: { message },
    })
    await using window = await here.signedIn()
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
      await page.goto(here.server.url + path)
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
    await page.goto(`${here.server.url}/jobs/${encodeURIComponent('<img src=x onerror=window.hacked=1>')}`)
    await page.getByText('There is no job').waitFor()
    // What stands in an address is written by anybody, too.
    for (const path of [
      '/runs?from=<b>',
      '/audit?from=<b>&action=no',
      '/jobs?dueFrom=x&dueTo=y&status=z',
      '/secrets?project=<b>',
    ]) {
      await page.goto(here.server.url + path)
      await page.locator('main h1').first().waitFor()
      await page.locator('main [role="alert"], main .empty').first().waitFor()
    }
    here.target.saying = 'pong'
  })
})
