// A target chooses in how many pieces it answers, and when the last one comes: until then the pieces are kept.

import assert from 'node:assert/strict'
import test from 'node:test'
import type { Dispatcher as HttpClient } from 'undici'
import { Exchange, type WireRequest } from '../../src/dispatch/exchange.ts'
import { heldBytes } from '../support/held-memory.ts'

const request: WireRequest = { origin: 'http://a', path: '/', method: 'GET', headers: [], body: null }
const nobody = {} as HttpClient.DispatchController

test('an answer in a great many pieces takes no more room than its bytes', () => {
  const exchange = new Exchange(request, 200_000, () => {})
  const before = heldBytes()
  for (let n = 0; n < 300_000; n += 1) exchange.onResponseData(nobody, Buffer.of(97 + (n % 26)))
  const held = heldBytes() - before
  assert.ok(held < 3_000_000, `${held} bytes are held for 200000`)
  const body = exchange.body()!
  assert.equal(body.length, 200_000)
  assert.equal(exchange.bytes, 300_000)
  assert.equal(body.toString('latin1', 0, 30), 'abcdefghijklmnopqrstuvwxyzabcd')
})
