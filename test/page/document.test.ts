// In which line of a document something stands.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { draftFromText, Unreadable } from '../../ui/src/editor/draft.ts'
import { sameAt, valueAt } from '../../ui/src/editor/json-pointer.ts'

const YAML = `name: a
labels: { a/b: c, "x~y": z }
target:
  http:
    url: https://example.com
    headers:
      - one
      - two
`

const PLACES: readonly (readonly [pointer: string, line: number, why: string])[] = [
  ['', 1, 'all of it'],
  ['/name', 1, 'a field'],
  ['/labels/a~1b', 2, 'a name with a slash'],
  ['/labels/x~0y', 2, 'a name with a tilde'],
  ['/target/http/url', 5, 'a field within'],
  ['/target/http/headers/1', 8, 'an item'],
  ['/target/http/body', 4, 'what is missing stands where it is missing'],
  ['/schedule', 1, 'and at the start where all is missing'],
]

test('a part is found in its line', async () => {
  const { lineOf } = await draftFromText(YAML)
  for (const [pointer, line, why] of PLACES) assert.equal(lineOf(pointer), line, why)
  const json = JSON.stringify({ name: 'a', schedule: { cron: 'x' } }, null, 2)
  assert.equal((await draftFromText(json)).lineOf('/schedule/cron'), 4)
})

test('what cannot be read says in which line', async () => {
  for (const [text, line] of [
    ['name: a\nname: b\n', 2],
    ['a: 1\nname: [a\n', 3],
    ['- a\n', 1],
    ['', 1],
  ] as const) {
    await assert.rejects(
      draftFromText(text),
      (error) => error instanceof Unreadable && error.line === line,
      text,
    )
  }
})

test('a part is the same or is not', () => {
  const draft = { a: { b: [1, 2] } }
  assert.equal(valueAt(draft, '/a/b/1'), 2)
  assert.equal(valueAt(draft, '/a/toString'), undefined)
  assert.ok(sameAt(draft, { a: { b: [1, 2] }, c: 1 }, '/a'))
  assert.ok(!sameAt(draft, { a: { b: [1, 3] } }, '/a'))
  assert.ok(!sameAt(draft, { ...draft, c: 1 }, ''))
})
