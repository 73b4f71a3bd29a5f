import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tookEffect } from './audit.ts'

test('a step that did nothing leaves no entry', () => {
  for (const nothing of [
    false,
    null,
    0,
    'in_use',
    'absent',
    'full',
    { kind: 'names_taken', positions: [0] },
    { kind: 'token_invalid' },
    { changed: false },
    { nameTaken: true },
    { usedBy: ['ping'] },
    { id: 'nod_1', gone: { at: 1, end: 'left' } },
  ])
    assert.equal(tookEffect(nothing), false, JSON.stringify(nothing))
  for (const done of [
    true,
    undefined,
    1,
    'added',
    'deleted',
    { kind: 'added' },
    { usedBy: [] },
    { gone: null },
    {},
  ])
    assert.equal(tookEffect(done), true, JSON.stringify(done))
})
