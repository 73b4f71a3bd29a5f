// The server answers with the page where the page has a view, and nowhere else.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { PAGE_PLACES } from '../../src/doors/web/page-door.ts'

test('every address of the page has a view, and every view an address', () => {
  const app = readFileSync(new URL('../../ui/src/app.tsx', import.meta.url), 'utf8')
  const routes = [...app.matchAll(/path(?:="| === ')\/([\w-]+)/g)].map(([, first]) => first)
  assert.deepEqual([...new Set(routes)].sort(), [...PAGE_PLACES].sort())
})
