// Output of processes as text: looks are kept, nothing else that a terminal would obey.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainText, spansOf } from '../../ui/src/log/ansi.ts'

const ESC = '\u001b'

test('colours and weights become names of looks', () => {
  assert.deepEqual(spansOf(`a${ESC}[1;31mred${ESC}[0m b`), [
    { text: 'a', style: '' },
    { text: 'red', style: 'ansi-bold ansi-ink-1' },
    { text: ' b', style: '' },
  ])
  assert.deepEqual(spansOf(`${ESC}[38;5;196mx${ESC}[48;2;0;0;200my`), [
    { text: 'x', style: 'ansi-ink-9' },
    { text: 'y', style: 'ansi-ink-9 ansi-ground-12' },
  ])
  assert.deepEqual(spansOf(`${ESC}[7mx`), [{ text: 'x', style: 'ansi-ink-inverse ansi-ground-inverse' }])
})

test('what moves the cursor, sets titles or links, and what hides is taken out', () => {
  for (const [raw, text] of [
    [`${ESC}[2J${ESC}[Hclear`, 'clear'],
    [`${ESC}]0;title\u0007after`, 'after'],
    [`${ESC}]8;;https://evil.example\u0007link${ESC}]8;;\u0007`, 'link'],
    [`${ESC}Pq#0;2;0;0;0${ESC}\\sixel`, 'sixel'],
    [`${ESC}c${ESC}(Breset`, 'reset'],
    ['\u009b31mc1', 'c1'],
    ['a\u0000b\u0007c\u202Ed', 'abcd'],
    ['10 %\r50 %\r100 %', '100 %'],
    ['done\r', 'done'],
    [`unfinished ${ESC}[3`, 'unfinished '],
    ['\ttab stays', '\ttab stays'],
  ] as const) {
    assert.equal(plainText(raw), text, JSON.stringify(raw))
    assert.equal(
      spansOf(raw)
        .map((span) => span.text)
        .join(''),
      text,
      JSON.stringify(raw),
    )
  }
})

test('a line of ten million characters costs no more than its length', () => {
  const long = `${ESC}[31m${'x'.repeat(10_000_000)}${ESC}[`
  const began = performance.now()
  assert.equal(spansOf(long)[0]?.text.length, 10_000_000)
  assert.ok(performance.now() - began < 2_000)
})
