// Messages, and runs that someone outside finishes: written in the form, seen while they go on. Chromium, a real server,
// and a real RabbitMQ.

import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { connect } from 'amqplib'
import type { Browser, Page } from 'playwright-core'
import { RunReporter } from '../../src/sdk/index.ts'
import { Folder } from '../support/folder.ts'
import { Rabbit } from '../support/rabbitmq.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { buildPage, findChromium, openBrowser, violations, Window } from './browser.ts'

const executable = findChromium()
const folder = new Folder()

describe('the page', { skip: executable === null ? 'there is no Chromium here' : false }, () => {
  let rabbit: Rabbit
  let server: ServerProcess
  let browser: Browser
  let receiver: Server
  const calls: IncomingHttpHeaders[] = []
  before(async () => {
    buildPage()
    rabbit = await Rabbit.start()
    receiver = createServer((request, response) => {
      calls.push(request.headers)
      response.writeHead(202).end()
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    server = await ServerProcess.start({ dataDir: folder.file('outside'), args: ['--bus', rabbit.url] })
    browser = await openBrowser(executable!)
  })
  after(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
    receiver?.close()
    await rabbit?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  test('an empty server offers a message job that works', async () => {
    const connection = await connect(rabbit.url)
    const channel = await connection.createChannel()
    await channel.assertQueue('greetings')
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.getByRole('heading', { name: 'Send a message' }).waitFor()
    const card = page.locator('.first-card').filter({ hasText: 'Send a message' })
    await card.getByLabel('Queue').fill('greetings')
    await card.getByRole('button', { name: 'Make this job' }).click()
    await page.getByRole('heading', { name: 'hello-message' }).waitFor()
    await page.getByText('to queue greetings').waitFor()
    await page.locator('.strip a[data-tone="ok"]').first().waitFor()
    const message = await channel.get('greetings', { noAck: true })
    assert.equal(message && JSON.parse(message.content.toString()).hello, 'from Carillon')
    await server.client.jobs.delete('hello-message')
    await connection.close()
  })

  test('a message is written in the form, field by field', async () => {
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(`${server.url}/jobs/new`)
    await page.getByLabel('Name', { exact: true }).fill('posted')
    await page.getByRole('button', { name: 'by hand', exact: true }).click()
    await page.getByRole('button', { name: 'Message', exact: true }).click()
    await page.getByRole('button', { name: 'Create the job' }).click()
    await page.locator('.field .wrong').filter({ hasText: 'A queue has a name' }).waitFor()
    await page.getByRole('button', { name: 'To an exchange' }).click()
    await page.getByLabel('Exchange', { exact: true }).fill('billing')
    await page.getByLabel('Routing key').fill('day.close')
    await page.getByLabel('Headers').fill('team: billing\ntier: 1')
    await page.getByLabel('Body').fill('{"run": "{{run.id}}"}')
    await page.getByLabel('The run is done when').selectOption('status')
    await page.getByLabel('A worker begins within').fill('soon')
    await page.getByRole('button', { name: 'Create the job' }).click()
    await page.locator('.field .wrong').first().waitFor()
    await page.getByLabel('A worker begins within').fill('5m')
    assert.deepEqual(await violations(page), [])
    assert.ok(await fitsPhone(page))
    await page.getByRole('button', { name: 'Create the job' }).click()
    await page.getByRole('heading', { name: 'posted' }).waitFor()
    for (const words of ['to exchange billing', 'day.close', 'its worker says so', 'within 5m'])
      await page.getByText(words, { exact: true }).waitFor()
    const { target } = await server.client.jobs.get('posted')
    assert.deepEqual(target, {
      message: {
        exchange: 'billing',
        routingKey: 'day.close',
        headers: { team: 'billing', tier: '1' },
        body: { run: '{{run.id}}' },
        finish: 'status',
        startTimeout: '5m',
      },
    })
    await page.getByRole('link', { name: 'Edit' }).click()
    assert.equal(await page.getByLabel('Exchange', { exact: true }).inputValue(), 'billing')
    await page.getByRole('button', { name: 'Straight to a queue' }).click()
    await page.getByLabel('Queue', { exact: true }).fill('jobs')
    await page.getByLabel('The run is done when').selectOption('confirm')
    await page.getByRole('button', { name: 'Save as a new version' }).click()
    await page.getByText('to queue jobs').waitFor()
    const edited = (await server.client.jobs.get('posted')).target
    const { headers, body } = target.message!
    assert.deepEqual(edited, { message: { queue: 'jobs', headers, body } })
    await server.client.jobs.delete('posted')
  })

  test('what someone outside says is seen while they are at it', async () => {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
    const job = await server.client.jobs.create({
      name: 'export',
      schedule: {},
      target: { http: { url, async: true } },
    })
    const run = await server.client.jobs.trigger(job.id)
    await until('it is called', 10_000, () => calls.length > 0)
    await using window = await Window.open(browser)
    await window.signIn(server.url)
    const { page } = window
    await page.goto(`${server.url}/runs/${run.id}`)
    await page.getByRole('heading', { name: 'Someone outside finishes it' }).waitFor()
    const reporter = new RunReporter({
      url: server.url,
      run: run.id,
      token: String(calls[0]!['carillon-run-token']),
    })
    await reporter.beat({ progress: 0.25, message: '250 of 1000 <script>window.hacked=1</script>' })
    await page.getByText('25 %').waitFor()
    await page.getByText('250 of 1000 <script>').waitFor()
    const heard = (await server.client.runs.get(run.id)).outside?.heardAt
    assert.ok(heard)
    await page.locator(`time[datetime="${heard}"]`).waitFor()
    await reporter.beat({ progress: 0.75, message: '750 of 1000' })
    await page.getByText('75 %').waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      assert.deepEqual(await violations(page), [], colorScheme)
    }
    assert.equal(await page.evaluate('window.hacked'), undefined)
    assert.ok(await fitsPhone(page))
    await reporter.complete({ output: '1000 rows' })
    await page.locator('.status.big').filter({ hasText: 'succeeded' }).waitFor()
    await page.getByRole('heading', { name: 'Someone outside finishes it' }).waitFor({ state: 'detached' })
    await page.getByText('1000 rows').waitFor()
    await server.client.jobs.delete(job.id)
  })
})

async function fitsPhone(page: Page): Promise<boolean> {
  const before = page.viewportSize()!
  await page.setViewportSize({ width: 360, height: 740 })
  const beyond = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
  await page.setViewportSize(before)
  return Number(beyond) <= 0
}
