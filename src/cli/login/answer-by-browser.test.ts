import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import { answerByBrowser } from './answer-by-browser.ts'

const here = { host: '127.0.0.1', port: 0 }

test('the first answer counts, and afterwards nobody listens', async () => {
  const came: string[] = []
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  const { promise: at, resolve: listens } = Promise.withResolvers<string>()
  const answer = answerByBrowser(here, async (origin) => {
    listens(origin)
    const exchange = async ({ searchParams }: URL): Promise<string> => {
      came.push(searchParams.get('code')!)
      await held
      return 'token'
    }
    return { leadsTo: null, exchange }
  })
  const origin = await at
  const status = async (path: string): Promise<number> => (await fetch(origin + path)).status
  assert.deepEqual([await status('/'), await status('/login')], [404, 404])
  const first = fetch(`${origin}/callback?code=1`)
  while (came.length === 0) await new Promise(setImmediate)
  assert.equal(await status('/callback?code=2'), 404)
  release()
  assert.equal(await answer, 'token')
  assert.equal(await (await first).text(), 'You are signed in. This page can be closed.\n')
  assert.deepEqual(came, ['1'])
  await assert.rejects(fetch(`${origin}/callback?code=3`))
})

test('what is wrong with an answer is told to the terminal, not to the browser', async () => {
  let page: Promise<Response> | undefined
  const exchange = (): Promise<never> => Promise.reject(new Error('another state'))
  const answer = answerByBrowser(here, async (origin) => {
    setImmediate(() => {
      page = fetch(`${origin}/callback?code=1`)
    })
    return { leadsTo: null, exchange }
  })
  await assert.rejects(answer, (error) => error instanceof CliError && /another state/.test(error.message))
  const reply = await page!
  assert.equal(reply.status, 400)
  assert.doesNotMatch(await reply.text(), /another state/)
})

test('nobody waits for ever', async () => {
  const answer = answerByBrowser({ ...here, waitMs: 20 }, async () => ({ leadsTo: null, exchange: never }))
  await assert.rejects(answer, (error) => error instanceof CliError && error.exitCode === EXIT.waitTimedOut)
})

function never(): Promise<never> {
  return new Promise(() => {})
}
