// Calls that are ended from outside: what lets the receiver end them is nobody else's to read.

import assert from 'node:assert/strict'
import test from 'node:test'
import { asynchronous } from '../../src/dispatch/asynchronous.ts'
import { MASK } from '../../src/domain/masker.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { dispatcherFor, httpServer, never, workOf } from './support.ts'

const TOKEN = 'crt_7_0123456789abcdef'

test('a receiver that repeats what it was sent shows nobody the token of the run', async (t) => {
  const { url } = await httpServer(t, (request, response) => {
    response.setHeader('x-was', JSON.stringify(request.headers))
    response.writeHead(request.url === '/fails' ? 500 : 200).end(JSON.stringify(request.headers))
  })
  const dispatcher = asynchronous(dispatcherFor(t), { make: () => TOKEN })
  for (const path of ['/ends', '/fails']) {
    const outcome = (await dispatcher.dispatch(workOf({ url: url + path, async: true }), never)) as Outcome
    const text = JSON.stringify(outcome)
    assert.ok(text.includes(MASK) && text.includes('carillon-run-token'), text)
    assert.ok(!text.includes(TOKEN.slice(6)), text)
  }
})
