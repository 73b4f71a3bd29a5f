import assert from 'node:assert/strict'
import test from 'node:test'
import { headerText, traceParent } from './run-headers.ts'

test('all attempts of a run share a trace, each with a span of its own, on every node the same', () => {
  const spans = Array.from({ length: 300 }, (_, n) => traceParent('run_a', n + 1))
  for (const text of spans) assert.match(text, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  assert.equal(new Set(spans).size, 300)
  assert.equal(new Set(spans.map((text) => text.slice(0, 35))).size, 1)
  assert.equal(traceParent('run_a', 3), spans[2])
  assert.notEqual(traceParent('run_b', 1).slice(0, 35), spans[0]!.slice(0, 35))
})

test('a name of any language stands in a header and can be read back', () => {
  assert.equal(headerText('nightly-report'), 'nightly-report')
  for (const name of ['naïve job', '夜間', 'a%41', 'x\r\ny: z', '\ud800', '😀', 'a "b"']) {
    assert.match(headerText(name), /^[\x21-\x7e]*$/)
    assert.equal(decodeURIComponent(headerText(name)), name.toWellFormed())
  }
})
