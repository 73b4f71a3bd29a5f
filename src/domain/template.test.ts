import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillIn, hasPlaces } from './template.ts'

const facts = { 'run.id': 'run_1', 'run.attemptCount': 2, 'run.error': null, 'run.params': { a: [1] } }

const CASES: readonly [unknown, unknown][] = [
  ['plain', 'plain'],
  [7, 7],
  [null, null],
  ['run {{run.id}} took {{ run.attemptCount }}', 'run run_1 took 2'],
  ['{{run.attemptCount}}', 2],
  ['{{run.params}}', { a: [1] }],
  ['with {{run.params}}', 'with {"a":[1]}'],
  ['error: {{run.error}}', 'error: '],
  [{ id: '{{run.id}}', last_error: '{{run.error}}' }, { id: 'run_1' }],
  [
    ['{{run.error}}', 'x'],
    [null, 'x'],
  ],
  // Not ours.
  ['{{user.name}} {{run.nothing}} {{#each}}', '{{user.name}} {{run.nothing}} {{#each}}'],
  ['{{constructor}}', '{{constructor}}'],
  [{ deep: { er: ['{{run.id}}!'] } }, { deep: { er: ['run_1!'] } }],
]

for (const [given, filled] of CASES) {
  test(`${JSON.stringify(given)} becomes ${JSON.stringify(filled)}`, () => {
    assert.deepEqual(fillIn(given, facts), filled)
  })
}

test('a filled-in fact is not read again', () => {
  assert.equal(fillIn('{{run.message}}', { 'run.message': '{{run.id}}', 'run.id': 'x' }), '{{run.id}}')
})

test('a member named __proto__ stays a member', () => {
  const given = JSON.parse('{"__proto__": {"polluted": "{{run.id}}"}}')
  const filled = fillIn(given, facts) as Record<string, unknown>
  assert.equal(JSON.stringify(filled), '{"__proto__":{"polluted":"run_1"}}')
  assert.equal(({} as Record<string, unknown>).polluted, undefined)
})

test('only what has a place needs filling in', () => {
  assert.equal(hasPlaces({ a: ['b', 1, null] }), false)
  assert.equal(hasPlaces({ a: ['b {{run.id}}'] }), true)
})
