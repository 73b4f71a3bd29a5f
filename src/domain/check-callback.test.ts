import assert from 'node:assert/strict'
import test from 'node:test'
import { checkCallback } from './check-callback.ts'
import type { Callback } from './effect.ts'
import { Problems } from './errors.ts'

const URL_OK = 'https://example.com/ring'

function callbackProblems(callback: Partial<Callback>): string[] {
  const problems = new Problems()
  checkCallback({ url: URL_OK, ...callback }, problems, '/c')
  return problems.list.map(({ pointer, code }) => `${pointer} ${code}`)
}

test('callbacks', () => {
  assert.deepEqual(callbackProblems({}), [])
  assert.deepEqual(
    callbackProblems({ on: ['succeeded', 'skipped'], retryDelays: ['0s', '1m'], timeout: '5m' }),
    [],
  )
  assert.deepEqual(callbackProblems({ on: [] }), [])
  assert.deepEqual(
    callbackProblems({
      url: 'ftp://x',
      headers: { Host: 'a', 'Carillon-Delivery-Id': 'x' },
      on: ['succeeded', 'done', 'running'],
      retryDelays: ['1s', 'x', '2d'],
      timeout: '6m',
    }),
    [
      '/c/url url_scheme',
      '/c/headers/Host header_reserved',
      '/c/headers/Carillon-Delivery-Id header_reserved',
      '/c/timeout range',
      '/c/retryDelays/1 duration',
      '/c/retryDelays/2 range',
      '/c/on/1 status_unknown',
      '/c/on/2 status_unknown',
    ],
  )
  assert.deepEqual(
    callbackProblems({ body: { text: '{{run.status}}' }, statusNames: { failed: 'broken' } }),
    [],
  )
  assert.deepEqual(callbackProblems({ body: 'x'.repeat(65_537) }), ['/c/body body_too_large'])
  assert.deepEqual(callbackProblems({ retryDelays: Array(21).fill('1s') }), ['/c/retryDelays too_many'])
})
