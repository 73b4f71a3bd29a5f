// docs/testing.md names every fault and every invariant there is.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { FAULT_KINDS } from './checker/history.ts'
import { INVARIANTS } from './checker/verdict.ts'

test('the page on testing names every fault and every invariant', () => {
  const page = readFileSync(new URL('../../docs/testing.md', import.meta.url), 'utf8')
  const named = new Set([...page.matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, words]) => words!.split(', ')))
  const missing = [...FAULT_KINDS, ...Object.keys(INVARIANTS)].filter((word) => !named.has(`\`${word}\``))
  assert.deepEqual(missing, [])
})
