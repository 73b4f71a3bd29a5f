// What leaves signed is what its receiver can check: single requests, batches and callbacks.

import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { createAddressGuard } from '../../src/dispatch/address-guard.ts'
import { createCallbackNotifier } from '../../src/dispatch/callback-notifier.ts'
import { verifyWebhook } from '../../src/sdk/webhook.ts'
import { systemClock } from '../support/system-clock.ts'
import { asError, asOk, dispatcherFor, httpServer, never, OPEN, specOf, workOf } from './support.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const sign = { secrets: [SECRET] }

type Heard = { headers: Record<string, string>; body: string }

async function receiver(t: TestContext): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = []
  const { url } = await httpServer(t, async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    heard.push({ headers: request.headers as Record<string, string>, body })
    response.end()
  })
  return { url, heard }
}

test('a request, with a body, with what a trigger sent, and without any', async (t) => {
  const { url, heard } = await receiver(t)
  const dispatcher = dispatcherFor(t)
  const made = workOf({ url, body: { a: '{{run.id}} ü' }, sign })
  const sent = workOf({ url, body: 'own', sign }, { run: { params: { b: 1 } } })
  const bare = workOf({ url, sign })
  for (const work of [made, sent, bare]) asOk(await dispatcher.dispatch(work, never))
  for (const [n, work] of [made, sent, bare].entries()) {
    const { id } = await verifyWebhook(heard[n]!, { secrets: SECRET })
    assert.equal(id, work.run.id)
  }
  assert.deepEqual(JSON.parse(heard[1]!.body), { b: 1 })
})

test('a batch is signed as a whole', async (t) => {
  const { url, heard } = await receiver(t)
  const spec = specOf({ url, batch: {}, sign })
  const outcomes = await dispatcherFor(t).dispatchBatch([workOf(spec), workOf(spec)], never)
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['ok', 'ok'],
  )
  const { id } = await verifyWebhook(heard[0]!, { secrets: SECRET })
  assert.equal(id, heard[0]!.headers['idempotency-key'])
  const dispatcher = dispatcherFor(t)
  const unsigned = workOf({ url, batch: {} })
  assert.notEqual(dispatcher.batchKey(workOf(spec)), dispatcher.batchKey(unsigned))
})

test('a callback', async (t) => {
  const { url, heard } = await receiver(t)
  const notifier = createCallbackNotifier({
    clock: systemClock,
    guard: createAddressGuard(OPEN),
    userAgent: 'carillon-test',
  })
  t.after(() => notifier[Symbol.asyncDispose]())
  const delivery = { id: 'eff_7', callback: { url, sign }, body: '{"a":1}', timeoutMs: 5_000 }
  assert.equal((await notifier.notify(delivery, never)).ok, true)
  assert.equal((await verifyWebhook(heard[0]!, { secrets: SECRET })).id, 'eff_7')
})

test('what is no secret to sign with sends nothing, and is not repeated', async (t) => {
  const { url, heard } = await receiver(t)
  const work = workOf({ url, sign: { secrets: ['whsec_hush'] } })
  const outcome = asError(await dispatcherFor(t).dispatch(work, never))
  assert.deepEqual([outcome.code, outcome.reached, outcome.retryable], ['target_invalid', 'no', false])
  assert.doesNotMatch(outcome.message, /hush/)
  assert.equal(heard.length, 0)
})
